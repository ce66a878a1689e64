"""The calls about accounts, keys and sign-ins."""

from __future__ import annotations

from typing import Any

from alma.cli.calls import Calls, Rows, part
from alma.cli.shapes import Json


class AccessCalls(Calls):
    """Who one is, and who else there is."""

    def login(self, name: str, password: str) -> Json:
        """Tokens for a name and a password."""
        body = {"username": name, "password": password}
        return self._object("POST", "/auth/login", json=body, auth=None)

    def providers(self) -> list[Json]:
        """The identity providers that people may sign in through."""
        return list(self._object("GET", "/auth/providers", auth=None)["providers"])

    def fetch_tokens(self, code: str, verifier: str) -> Json:
        """Tokens for what a browser brought from a provider."""
        body = {"code": code, "code_verifier": verifier}
        return self._object("POST", "/auth/oidc/token", json=body, auth=None)

    def start_device(self, name: str) -> Json:
        """Codes for a device that calls itself so."""
        return self._object("POST", "/auth/device", json={"client_name": name}, auth=None)

    def poll_device(self, device_code: str) -> Json:
        """Tokens, once somebody has allowed the device."""
        body = {"device_code": device_code}
        return self._object("POST", "/auth/device/token", json=body, auth=None)

    def logout(self, refresh_token: str | None, *, everywhere: bool) -> None:
        """Ends a sign-in, or all of the caller's."""
        body = {"refresh_token": refresh_token, "everywhere": everywhere}
        self._done("POST", "/auth/logout", json=body)

    def me(self) -> Json:
        """Who is calling, and what that one may do."""
        return self._object("GET", "/auth/me")

    def change_password(self, old: str, new: str) -> None:
        """Changes the caller's own password."""
        self._done("POST", "/auth/password", json={"old_password": old, "new_password": new})

    def keys(self, *, limit: int | None) -> Rows:
        """Keys, without their secrets."""
        return self._items("/keys", params={"limit": limit})

    def create_key(self, body: dict[str, Any]) -> Json:
        """A new key with its secret."""
        return self._object("POST", "/keys", json=body)

    def revoke_key(self, id_: str) -> Json:
        """Takes a key back."""
        return self._object("DELETE", f"/keys/{part(id_)}")

    def accounts(self, *, limit: int | None) -> Rows:
        """Everybody."""
        return self._items("/accounts", params={"limit": limit})

    def create_account(self, body: dict[str, Any]) -> Json:
        """A new account."""
        return self._object("POST", "/accounts", json=body)

    def change_account(self, name: str, **changes: Any) -> Json:
        """Disables or enables an account, or makes it an administrator's."""
        return self._object("PATCH", f"/accounts/{part(name)}", json=changes)

    def set_password(self, name: str, password: str) -> None:
        """Gives somebody a new password."""
        self._done("PUT", f"/accounts/{part(name)}/password", json={"password": password})
