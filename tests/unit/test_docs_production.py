"""What docs/production.md has people copy: the units, the settings beside them, and the proxy's configuration."""

from __future__ import annotations

import re
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "production.md").read_text(encoding="utf-8")
UNITS = dict(re.findall(r"```ini\n# /etc/systemd/system/(\S+)\n(.*?)```", TEXT, re.DOTALL))
SETTINGS = "\n".join(re.findall(r"```bash\n(.*?)```", TEXT, re.DOTALL))


def _service(unit: str) -> dict[str, str]:
    parser = ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names are told apart by case
    parser.read_string(UNITS[unit])
    return dict(parser["Service"])


def _variables(unit: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in _service(unit)["Environment"].split())


def test_there_is_a_unit_for_every_arrangement() -> None:
    assert set(UNITS) == {"alma.service", "alma@.service", "alma-worker.service"}


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_keeps_its_data_where_the_system_lets_it_write(unit: str) -> None:
    service = _service(unit)
    assert _variables(unit)["ALMA_HOME"] == f"/var/lib/{service['StateDirectory']}"
    assert service["ProtectSystem"] == "strict"
    assert service["StateDirectoryMode"] == "0700"


@pytest.mark.parametrize("unit", UNITS)
def test_the_file_of_settings_takes_nothing_from_a_unit(unit: str) -> None:
    # systemd lets EnvironmentFile win over Environment, in whatever order they are written.
    for name in _variables(unit):
        assert not re.search(rf"^{name}=", SETTINGS, re.MULTILINE), name


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_takes_the_unit(unit: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    file = tmp_path / unit.replace("@.", "@8001.")
    file.write_text(UNITS[unit].replace("/opt/alma/bin/alma", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not [line for line in done.stderr.splitlines() if str(file) in line], done.stderr


def test_nginx_takes_the_configuration(tmp_path: Path) -> None:
    nginx = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if nginx is None or shutil.which("openssl") is None:
        pytest.skip("nginx or openssl is not installed")
    request = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=alma.example",
    ]
    files = ["-keyout", str(tmp_path / "alma.key"), "-out", str(tmp_path / "alma.pem")]
    subprocess.run([*request, *files], check=True, capture_output=True)
    [snippet] = re.findall(r"```nginx\n(.*?)```", TEXT, re.DOTALL)
    for there in ("/etc/ssl", "/var/log/nginx"):
        snippet = snippet.replace(there, str(tmp_path))
    # Even a check binds: so not to ports that only root may have.
    snippet = snippet.replace("listen 80;", "listen 48080;").replace("listen 443 ", "listen 48443 ")
    main = tmp_path / "nginx.conf"
    main.write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/err; events {{}} http {{ {snippet} }}"
    )
    done = subprocess.run(
        [nginx, "-t", "-p", str(tmp_path), "-c", str(main)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_server_by_hand_takes_the_versions_that_the_image_takes() -> None:
    commands = {
        re.search(r"sed -nE '[^']+' requirements\.lock", text)
        for text in (TEXT, (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8"))
    }
    assert None not in commands
    assert len({found[0] for found in commands if found}) == 1
