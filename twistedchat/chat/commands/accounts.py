"""Accounts: a nickname that stays yours."""

from __future__ import annotations

from twistedchat.chat.claim import claim_hash
from twistedchat.chat.commands.registry import Ask, command
from twistedchat.chat.registrar import require_confidential
from twistedchat.chat.replies import Found, Secret, Told
from twistedchat.chat.returning import missed_by
from twistedchat.chat.roles import Permission

MAIL_MOST = 200


@command("[PASSWORD]", needs=Permission.LOOK)
async def register(ask: Ask, password: str = "") -> Told | Secret:
    """Keep your nickname yours."""
    ask.chat.accounts.check_may_register(ask.session)
    require_confidential(ask.session)
    if not password:
        return Secret("A password, of 8 characters at least: ", "/register")
    await ask.chat.accounts.register(ask.session, password, ask.at)
    kept = " You are admin of this server for good now." if ask.session.person.admin else ""
    return Told((f"You are {ask.session.nick}, a member. /login {ask.session.nick} brings you back.{kept}",))


@command("NICK [PASSWORD]", needs=Permission.LOOK, rare=True)
async def login(ask: Ask, nick: str, password: str = "") -> Told | Found | Secret:
    """Come back to a nickname that is yours."""
    require_confidential(ask.session)
    if not password:
        return Secret(f"Password of {nick}: ", f"/login {nick}")
    session, before = ask.session, ask.session.by
    await ask.chat.accounts.login(session, nick, password, ask.at)
    lines = (f"You are {session.nick}, {ask.chat.access.role(session.person, None)}.",)
    if session.by == before:
        return Told(lines)
    missed = await missed_by(session, ask.chat.archive, ask.at)
    mail = tuple(each for each in missed.entries if each[1].by not in session.person.prefs.ignoring)
    return Found(mail[-MAIL_MOST:], lines + missed.lines) if mail else Told(lines + missed.lines)


@command(needs=Permission.LOOK, rare=True)
async def logout(ask: Ask) -> Told:
    """Be a guest again."""
    if ask.session.person.account is None:
        return Told(("You are a guest.",))
    await ask.chat.accounts.logout(ask.session, ask.at)
    return Told((f"You are {ask.session.nick}, a guest.",))


@command("[OLD] [NEW]", needs=Permission.LOOK, rare=True)
async def passwd(ask: Ask, old: str = "", new: str = "") -> Told | Secret:
    """Change your password; your other connections end."""
    require_confidential(ask.session)
    if ask.session.person.account is None:
        return Told(("You are a guest, without a password. /register makes you a member.",))
    if not old:
        return Secret("The password that you have: ", "/passwd")
    if not new:
        return Secret("The new one, of 8 characters at least: ", f"/passwd {old}")
    await ask.chat.accounts.change_password(ask.session, old, new, ask.at)
    return Told(("Your password is changed.",))


@command(needs=Permission.LOOK, rare=True)
def whoami(ask: Ask) -> Told:
    """Say who you are here."""
    me = ask.session.person
    role = ask.chat.access.role(me, ask.active)
    here = f" in {ask.active.name}" if ask.active is not None else ""
    account = "" if me.account else " /register keeps your nickname yours."
    return Told((f"You are {me.nick}, {role}{here}.{account}",))


@command("CODE...", needs=Permission.LOOK, rare=True)
async def claim(ask: Ask, code: str) -> Told:
    """Become admin of this server by the one-time code that its first start has printed."""
    await ask.chat.accounts.claim(ask.session, claim_hash(code), ask.at)
    keep = "" if ask.session.person.account else " until you leave: /register now, to stay it"
    return Told((f"You are admin of this server{keep}.",))
