"""Which privileges are missing, by the rules of Proxmox: the nearest path decides, and a pool does as well."""

from __future__ import annotations

from alma.engines.proxmox.client import Permissions
from alma.engines.proxmox.privileges import TABLE, Lack, Task, lacking, may_fetch, merged


def held(**paths: str) -> Permissions:
    """Privileges by path, with `_` for `/`."""
    return Permissions(
        {
            path.replace("_", "/"): dict.fromkeys(names.split(), True)
            for path, names in paths.items()
        }
    )


def test_what_is_held_above_holds_below() -> None:
    assert lacking(held(_="Datastore.AllocateSpace"), Task.DISKS, storage="fast") == []


def test_what_is_missing_is_named_at_the_place_that_is_known() -> None:
    (lack,) = lacking(held(_=""), Task.DISKS, storage="fast")
    assert str(lack) == "Datastore.AllocateSpace on /storage/fast, to make disks on a storage"
    (lack,) = lacking(held(_=""), Task.DISKS, storage=None)
    assert lack.path == "/storage"


def test_a_pool_does_as_well_and_is_what_is_asked_for_where_there_is_one() -> None:
    assert lacking(held(_pool_shop="VM.PowerMgmt"), Task.RUN, vmid="100", pool="shop") == []
    (lack,) = lacking(held(_=""), Task.RUN, vmid="100", pool="shop")
    assert lack.path == "/pool/shop"
    (lack,) = lacking(held(_=""), Task.RUN, vmid="100", pool=None)
    assert lack.path == "/vms/100"


def test_the_agent_has_a_privilege_of_its_own_since_version_9() -> None:
    (old,) = lacking(held(_=""), Task.AGENT, version=8)
    (new,) = lacking(held(_=""), Task.AGENT, version=9)
    assert (old.privileges, new.privileges) == (("VM.Monitor",), ("VM.GuestAgent.Audit",))
    assert lacking(held(_=""), Task.AGENT, version=None) == [], "nobody knows which"


def test_one_of_two_ways_lets_a_node_download() -> None:
    assert may_fetch(held(_="Sys.Audit Sys.Modify"), "pve1")
    assert may_fetch(held(_nodes_pve1="Sys.AccessNetwork"), "pve1")
    assert not may_fetch(held(_nodes_pve1="Sys.AccessNetwork"), "pve2")
    assert not may_fetch(held(_="Sys.Audit"), "pve1")


def test_what_is_missing_at_one_path_is_said_once() -> None:
    lacks = [
        Lack(path="/vms", privileges=("VM.Allocate",), tasks=(Task.REMOVE,)),
        Lack(path="/", privileges=("Sys.Audit",), tasks=(Task.LOOK,)),
        Lack(path="/vms", privileges=("VM.PowerMgmt", "VM.Allocate"), tasks=(Task.RUN,)),
    ]
    assert [(lack.path, lack.privileges) for lack in merged(lacks)] == [
        ("/", ("Sys.Audit",)),
        ("/vms", ("VM.Allocate", "VM.PowerMgmt")),
    ]


def test_what_is_missing_comes_with_the_command_that_gives_it() -> None:
    lack = Lack(path="/pool/shop", privileges=("VM.Allocate", "VM.Audit"), tasks=(Task.REMOVE,))
    assert lack.remedy("alma@pve!deploy", token=True) == (
        "pveum role add ALMA-pool-shop --privs 'VM.Allocate VM.Audit' && "
        "pveum acl modify /pool/shop --tokens 'alma@pve!deploy' --roles ALMA-pool-shop"
    )
    root = Lack(path="/", privileges=("Sys.Audit",), tasks=(Task.LOOK,))
    assert root.remedy("alma@pve", token=False).endswith("/ --users 'alma@pve' --roles ALMA")


def test_the_command_takes_nothing_away_that_comes_from_above() -> None:
    """In Proxmox a role on a path hides those that its user or token has further up."""
    (lack,) = lacking(held(_="VM.Audit Datastore.Audit"), Task.RUN, vmid=None)
    assert "--privs 'VM.Audit VM.PowerMgmt' && pveum acl modify /vms" in lack.remedy(
        "alma@pve", token=False
    )


def test_the_table_asks_for_nothing_that_a_small_role_should_not_have() -> None:
    asked = {privilege for rule in TABLE for privilege in rule.privileges}
    assert asked.isdisjoint(
        {"Permissions.Modify", "Sys.PowerMgmt", "User.Modify", "Realm.Allocate"}
    )
