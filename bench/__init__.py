"""What a delivery costs, beside other chat servers and the bound of one core."""
