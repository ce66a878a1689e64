"""Which passwords are taken: long ones that are not the first that everybody tries. No rules on their characters,
which only make people write `Password1!`."""

from __future__ import annotations

import unicodedata

from alma.core.model.errors import InvalidInput

SHORTEST = 12
LONGEST = 1024

# Of those that lists of the commonest passwords have, the ones that are long enough. Letters and digits, lower case.
_COMMON = frozenset(
    """
    123456789012 1234567890123 12345678901234 123456789123 123123123123 121212121212 112233445566 987654321987
    098765432109 012345678910 0123456789ab 1234567890ab 123456abcdef 1q2w3e4r5t6y 1qaz2wsx3edc 1qaz2wsx3edc4rfv
    q1w2e3r4t5y6 qazwsxedcrfv qwerty123456 123456qwerty qwertyuiop12 qwertyuiop123 qwertyuiopas qwertyuiopasdfgh
    asdfghjkl123 zxcvbnm12345 abcdefghijkl abcdefg12345 abcd12345678 abc123456789 aaaabbbbcccc passwordpassword
    password1234 password12345 password123456 passw0rd1234 p4ssw0rd1234 mypassword12 mypassword123 thisismypassword
    newpassword1 newpassword12 secretpassword topsecret123 changeme1234 changeme12345 changemeplease changethispassword
    letmein12345 letmeinplease welcome12345 welcome123456 iloveyou1234 iloveyou12345 trustno1trustno1
    administrator administrator1 administrator123 adminadmin12 adminadminadmin admin1234567 admin12345678 admin123456789
    rootrootroot rootroot1234 superuser123 correcthorsebatterystaple donaldtrump1 footballfootball basketball12
    superman1234 batmanbatman monkeymonkey dragondragon sunshine1234 princess1234 football1234 starwarsstarwars
    """.split()
)


def normal(password: str) -> str:
    """The one form of a password: the same letters typed on another machine may come in other code points."""
    return unicodedata.normalize("NFC", password)


def check_password(password: str, *, name: str) -> None:
    """Raises InvalidInput, which says why and never repeats it, for a password that is too easy or too long. `name`: of
    the account."""
    password = normal(password)
    if len(password) < SHORTEST:
        raise _refused(f"it has fewer than {SHORTEST} characters")
    if len(password) > LONGEST:
        raise _refused(f"it has more than {LONGEST} characters")
    plain = "".join(letter for letter in password.casefold() if letter.isalnum())
    owner = "".join(letter for letter in name.casefold() if letter.isalnum())
    rest = plain.replace(owner, "") if owner else plain
    if rest != plain and (not rest or rest.isdecimal()):
        raise _refused("it is the account's name")
    if plain in _COMMON or len(set(password)) < 4:
        raise _refused("it is one of the first that are tried")


def _refused(why: str) -> InvalidInput:
    return InvalidInput(
        f"this password is not taken: {why}",
        hint=f"take {SHORTEST} characters or more, such as four words that don't belong together",
    )
