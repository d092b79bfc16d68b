"""The directory as a YAML file: ``regions``, ``orgs``, ``persons``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from itertools import combinations
from pathlib import Path

from rules.directory import Account, Assignment, Directory, NodeKind, Person, Role, TreeNode
from rules.documents import Mapping_, Node, read_document, read_file
from rules.faults import FaultsFound
from rules.periods import ALWAYS, KEYS, read_period
from rules.reading import Reader, nearest
from rules.vocabulary import DIRECTORY_KEYS, VALUES

NODE_KEYS = ("code", "name", "parent", "successor", "calendar", *KEYS)
PERSON_KEYS = ("id", "name", "accounts", "roles", "phone", "email")


class DirectoryErrors(FaultsFound):
    """The directory has faults."""


def load_directory(path: Path, zone: tzinfo) -> Directory:
    """The directory in a file; raises DocumentErrors or :class:`DirectoryErrors` with all faults."""
    return _directory(read_file(path), zone)


def parse_directory(text: str | bytes, path: str, zone: tzinfo) -> Directory:
    """The directory in a text that is called ``path`` in faults."""
    return _directory(read_document(text, path), zone)


def _directory(node: Node, zone: tzinfo) -> Directory:
    reader = Reader(DIRECTORY_KEYS, VALUES)
    found = reader.mapping(node, ("regions", "orgs", "persons"))
    regions = reader.list_of(found.get("regions"), lambda entry: read_node(reader, entry, NodeKind.REGION, zone))
    orgs = reader.list_of(found.get("orgs"), lambda entry: read_node(reader, entry, NodeKind.ORG, zone))
    persons = reader.list_of(found.get("persons"), lambda entry: read_person(reader, entry, zone))
    _check_nodes(reader, (*regions, *orgs))
    _check_persons(reader, persons, orgs={node.code for node in orgs}, regions={node.code for node in regions})
    if reader.faults:
        raise DirectoryErrors(reader.faults)
    return Directory((*regions, *orgs), persons)


def read_node(reader: Reader, node: Node, kind: NodeKind, zone: tzinfo) -> TreeNode | None:
    """A region or an org, None where it has faults."""
    before = reader.mark()
    own = ("division_code",) if kind is NodeKind.REGION else ("region",)
    found = reader.mapping(node, (*NODE_KEYS, *own), required=("code", "name"))
    words = {key: reader.word(found.get(key)) for key in ("parent", "successor", "calendar", *own)}
    code, name = reader.word(found.get("code")), reader.text(found.get("name"))
    period = read_period(reader, found, zone)
    if reader.mark() != before or code is None or name is None:
        return None
    return TreeNode(kind=kind, code=code, name=name, period=period, location=node.location, **words)


def read_person(reader: Reader, node: Node, zone: tzinfo) -> Person | None:
    """A person with accounts and roles, None where there are faults."""
    before = reader.mark()
    found = reader.mapping(node, PERSON_KEYS, required=("id", "name"))
    person_id, name = reader.word(found.get("id")), reader.text(found.get("name"))
    accounts = reader.list_of(found.get("accounts"), lambda entry: read_account(reader, entry, zone))
    roles = reader.list_of(found.get("roles"), lambda entry: read_assignment(reader, entry, zone))
    phone, email = reader.word(found.get("phone")), reader.word(found.get("email"))
    if reader.mark() != before or person_id is None or name is None:
        return None
    place = node.location
    return Person(id=person_id, name=name, accounts=accounts, roles=roles, phone=phone, email=email, location=place)


def read_account(reader: Reader, node: Node, zone: tzinfo) -> Account | None:
    """An account: its name alone, or a mapping with a period."""
    found: Mapping[str, Node] = {"account": node}
    if isinstance(node, Mapping_):
        found = reader.mapping(node, ("account", *KEYS), required=("account",))
    account = reader.word(found.get("account"))
    period = read_period(reader, found, zone) if isinstance(node, Mapping_) else ALWAYS
    return Account(account=account, period=period, location=node.location) if account else None


def read_assignment(reader: Reader, node: Node, zone: tzinfo) -> Assignment | None:
    """A role and where it is held."""
    found = reader.mapping(node, ("role", "org", "window", "region", *KEYS), required=("role",))
    role = reader.choice(found.get("role"), Role)
    org, window, region = (reader.word(found.get(key)) for key in ("org", "window", "region"))
    period = read_period(reader, found, zone)
    if ("org" in found) == ("region" in found):
        reader.fault("one-of", "a role is held in exactly one of 'org' and 'region'", node.location)
    if "window" in found and "org" not in found:
        reader.fault("missing-key", "a window belongs to an org: 'org' is missing", node.location, "org: …")
    if role is None:
        return None
    return Assignment(role=role, org=org, window=window, region=region, period=period, location=node.location)


def _check_nodes(reader: Reader, nodes: Sequence[TreeNode]) -> None:
    """Every node named exists, no two versions of one overlap, nothing lies above itself."""
    here = {kind: {node.code for node in nodes if node.kind is kind} for kind in NodeKind}
    versions: dict[tuple[NodeKind, str], list[TreeNode]] = {}
    for node in nodes:
        versions.setdefault((node.kind, node.code), []).append(node)
        for kind, code in _named(node):
            if code not in here[kind]:
                fix = nearest(code, here[kind])
                reader.fault(
                    "unknown-node", f"{node.code!r} names {kind} {code!r}, which is not here", node.location, fix
                )
    for same in versions.values():
        for one, other in combinations(same, 2):
            if one.period.overlaps(other.period):
                reader.fault("overlap", f"{one.kind} {one.code!r} is here twice for one time", other.location)
    _refuse_cycles(reader, versions)


def _named(node: TreeNode) -> list[tuple[NodeKind, str]]:
    named = [(node.kind, node.parent), (node.kind, node.successor), (NodeKind.REGION, node.region)]
    return [(kind, code) for kind, code in named if code is not None]


def _refuse_cycles(reader: Reader, versions: Mapping[tuple[NodeKind, str], list[TreeNode]]) -> None:
    """Whatever the instant: a parent that is ever below its child would let a scope swallow itself."""
    for (kind, code), nodes in versions.items():
        seen: set[str] = set()
        level = {node.parent for node in nodes if node.parent}
        while level:
            if code in level:
                reader.fault("cycle", f"{kind} {code!r} lies above itself", nodes[0].location)
                break
            seen |= level
            level = {up.parent for below in level for up in versions.get((kind, below), []) if up.parent} - seen


def _check_persons(reader: Reader, persons: Iterable[Person], *, orgs: set[str], regions: set[str]) -> None:
    seen: set[str] = set()
    accounts: list[tuple[Account, str]] = []
    for person in persons:
        if person.id in seen:
            reader.fault("duplicate-person", f"person {person.id!r} is here twice", person.location)
        seen.add(person.id)
        accounts += [(account, person.id) for account in person.accounts]
        for role in person.roles:
            _check_place(reader, role, orgs, regions)
    _refuse_shared(reader, accounts)


def _check_place(reader: Reader, role: Assignment, orgs: set[str], regions: set[str]) -> None:
    for code, known in ((role.org, orgs), (role.region, regions)):
        if code is not None and code not in known:
            reader.fault("unknown-node", f"{code!r} is not here", role.location, nearest(code, known))


def _refuse_shared(reader: Reader, accounts: Iterable[tuple[Account, str]]) -> None:
    """An account shared by two persons would make a separation of duties meaningless."""
    owners: dict[str, list[tuple[Account, str]]] = {}
    for account, owner in accounts:
        held = owners.setdefault(account.account, [])
        for other, other_owner in held:
            if other_owner != owner and other.period.overlaps(account.period):
                message = f"account {account.account!r} is {other_owner!r}'s for the same time"
                reader.fault("account-of-two", message, account.location)
        held.append((account, owner))
