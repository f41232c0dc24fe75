"""The other end: a person at a terminal, a shell's pipe, or a program.

::

    wire        what arrives and what is sent, as values
    events      what is done to messages, rooms and people: what arrives, too
    protocol    one connection: lines of JSON, and who is not tcpchat
    streams     where a room's reader is
    rooms       the rooms that somebody is in, and the active one
    session     what outlives a connection: name, cursors, what is unacknowledged
    link        connecting, and connecting again
    exits       every way to give up, with its words and its exit status
    render      news as lines for a person, harmless to a terminal
    acts        the words for what people do
    passwords   what wants one, and how nobody sees it
    pipe        stdin and stdout of a shell
    editor      the line that is being typed, and what scrolls above it
    typed       what a typed line means
    speaker     what is typed, done
    replays     what was said before, gathered
    complete    what the Tab key knows
    naming      how a person comes by a name
    terminal    a person at the editor
    tutorial    the well-known tutorial's own server
    options     the command line

Nothing here imports the daemon.
"""
