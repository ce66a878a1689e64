"""What is taken out of text before it leaves, and what must stay for the text to be of use."""

import base64

import pytest

from alma.llm.secrets import REDACTED, Redaction

CANARY = "Zx9-canary-7Qp2"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\n+abc=\n-----END RSA PRIVATE KEY-----"


def clean(text: str, *known: str) -> str:
    return Redaction(lambda: known).open()(text)


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-4f9GhT2bQw8LmNc7Xv1Zp0RsKd",
        "sk-ant-api03-4f9GhT2bQw8LmNc7Xv1Zp0RsKd",
        "sk_live_4f9GhT2bQw8LmNc7Xv1Zp0Rs",
        "AKIAIOSFODNN7EXAMPLE",
        "AIzaSyA1bC2dE3fG4hI5jK6lM7nO8pQ9rS0tU1v",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "github_pat_11ABCDEFG0aBcDeFgHiJkLmNoP",
        "glpat-aBcD1234eFgH5678iJkL",
        "xoxb-1234567890-abcdefghij",
        "hf_aBcDeFgHiJkLmNoPqRsTuVwX",
        "hvs.CAESIJlU9JMYEhOPYv4igdhm9PnZDrabTbfx",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.dBjftJeZ4CVPmB92K27uhbUJU1p1r_wW",
        "$6$rounds=5000$saltsalt$abcdefghijklmnopqrstuvwx",
        "PVEAPIToken=root@pam!alma=6f1c2d3e-aaaa-bbbb-cccc-1234567890ab",
        PEM,
        PEM[:50],
    ],
)
def test_what_looks_like_a_secret_goes_wherever_it_stands(secret: str) -> None:
    for text in (secret, f"use {secret} please", f'{{"note": "{secret}"}}', f"x={secret}\n"):
        assert secret not in clean(text)
        assert secret[12:30] not in clean(text)


@pytest.mark.parametrize(
    "text",
    [
        f"password={CANARY}",
        f"password: {CANARY}",
        f"DB_PASSWORD={CANARY}",
        f"export POSTGRES_PASSWORD='{CANARY}'",
        f'"password": "{CANARY}"',
        f'{{\\"password\\": \\"{CANARY}\\"}}',
        f"dbPassword => {CANARY}",
        f"api_key = {CANARY}",
        f"X-Api-Key: {CANARY}",
        f"client_secret={CANARY}&scope=all",
        f"AWS_SECRET_ACCESS_KEY={CANARY}",
        f"token={CANARY}",
        f"access_token: {CANARY}",
        f"Authorization: Bearer {CANARY}",
        f"authorization: Basic {CANARY}",
        f"curl -H 'Authorization: token {CANARY}'",
        f"mysql --password {CANARY} -u root",
        f"postgres://app:{CANARY}@db:5432/shop",
        f"redis://:{CANARY}@cache:6379",
        f"password=secret-{CANARY}",
        f"password=$ecret{CANARY}",
        f"the password is {CANARY}",
        f"set the password to {CANARY}",
    ],
)
def test_the_value_of_what_is_named_secret_goes_and_its_name_stays(text: str) -> None:
    cleaned = clean(text)
    assert CANARY not in cleaned
    assert REDACTED in cleaned
    assert text.startswith(cleaned.split(REDACTED, maxsplit=1)[0])


@pytest.mark.parametrize(
    "text",
    [
        "a web server with 4 GB memory and a password store",
        "password: ${secret:db-password}",
        '{"secrets": ["db-password", "api-token"]}',
        '{"password": {"secret": "db-password"}}',
        '{"max_tokens": 2000, "tokens": 12345}',
        "password: required",
        '"token": null',
        "sk-1 is a name",
        "https://example.org:8006/path?x=1",
        "connect web-1 to database-main-primary-replica",
        "image: registry.example.org/team/app@sha256:" + "ab" * 32,
        "the password is wrong",
        "A generated password is placed as a file, and the password is allowed.",
        "secret_env: {ADMIN_PASSWORD: password}",
        "password=$(cat /run/secrets/password)",
        f"password={REDACTED}",
        "mac: 52:54:00:12:34:56",
        "id 6f1c2d3e-aaaa-bbbb-cccc-1234567890ab",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    "form",
    [CANARY, f"x{CANARY}y", "a%2Fb%20c%3Fd", base64.b64encode(b"a/b c?d").decode().rstrip("=")],
)
def test_a_known_secret_goes_in_every_form(form: str) -> None:
    cleaned = clean(f"it is {form} indeed", CANARY, "a/b c?d")
    assert form not in cleaned
    assert cleaned.startswith("it is ")
    assert cleaned.endswith(" indeed")


def test_the_longest_known_secret_is_taken_first() -> None:
    assert clean("abcdef-ghijkl", "abcdef", "abcdef-ghijkl") == REDACTED


def test_a_short_known_secret_does_not_take_words_apart() -> None:
    assert clean("the web server", "web", "e") == "the web server"


def test_taking_out_twice_changes_nothing() -> None:
    text = f"password={CANARY} and postgres://a:{CANARY}@db and Bearer {CANARY}{CANARY}"
    assert clean(clean(text)) == clean(text)


def test_long_text_takes_no_long_time() -> None:
    """No pattern goes back and forth: twice the text, about twice the work, whatever it is made of."""
    for piece in (
        "a",
        "-",
        "password ",
        "x_",
        "eyJ",
        "://",
        "-----BEGIN PRIVATE KEY-----",
        "=",
        "sk-",
        "eyJ-",
        "SG.a",
        "a-",
        "a:",
        "pass=",
    ):
        assert isinstance(clean(piece * (100_000 // len(piece))), str)
