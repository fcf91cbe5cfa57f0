"""What the store holds, on disk: which parts moto's backends have, which of them a request may have changed.

A part is a role, a key, a queue, a log stream, one version of an object. AWS's own managed policies (over a thousand in
each account) are written only once something about them changed: every new backend has them.
"""

from __future__ import annotations

import copyreg
import re
import secrets
import sys
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from pickle import PicklingError
from typing import IO, Any
from urllib.parse import parse_qsl, unquote
from weakref import WeakKeyDictionary

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from moto.backends import get_backend
from moto.core.base_backend import BaseBackend
from moto.logs.models import LogGroup, LogStream
from moto.s3.models import FakeBucket, FakeKey
from moto.sns.models import Topic
from moto.utilities.tagging_service import TaggingService

from crossdock.local.door.wire import Wire
from crossdock.local.engine import AwsError
from crossdock.local.persistence.journal import Owner, Record, Way
from crossdock.local.persistence.pickling import Reducers, References
from crossdock.local.persistence.restore import Restorer
from crossdock.local.persistence.shapes import Shape, Shapes
from crossdock.local.persistence.tree import Tree, words

INLINE = 64 * 1024
"""Bytes: bodies of objects up to this size stand in the journal, larger ones in files of their own."""
_READS = re.compile(r"(?:Get|List|Describe|Lookup|Search|Simulate)[A-Z]")
_ACTION = re.compile(rb"(?:^|&)Action=(\w+)")
DIVIDED = frozenset({"iam", "s3", "kms", "ssm", "logs", "sns", "sqs", "secretsmanager", "cloudwatch", "organizations"})
"""Services whose backends are known to divide into parts. The backend of any other is one part as a whole."""
NAMED = frozenset({"iam", "s3", "ssm", "logs"})
"""Services whose parts are many, and named by the requests that change them. Of the others all parts are looked at."""
_LATE = frozenset({"ssm"})
"""Services that nothing but a request reads, and whose modules take long to load."""
_BESIDE: Mapping[str, tuple[str, ...]] = {"sns": ("sqs",), "s3": ("sqs", "sns")}
"""Services whose backends another's requests may change: published messages, notifications of buckets."""
_NEIGHBOURS = ("ec2", "autoscaling", "elbv2", "ecs", "rds", "efs", "elasticache", "batch")
"""Services that make and change things in each other's backends."""
_OWNS: Mapping[str, tuple[str, ...]] = {"rds": ("secretsmanager",)}
"""Services that keep things of their own in another's backend: passwords that RDS manages."""
_STANDARD: Mapping[str, tuple[str, ...]] = {"iam": ("managed_policies",), "ec2": ("amis", "snapshots")}
_S3_KEYS = re.compile(rb"<Key>(.*?)</Key>", re.DOTALL)
_HIDDEN = frozenset({"region_name", "account_id", "partition", "aws_managed_policies", "policy_arn_regex",
                     "account_summary", "_pagination_tokens", "ssm_prefix", "config_schema"})

_SHAPES: Mapping[type, Shape] = {
    FakeBucket: Shape(entries=("multiparts",), named=("keys",)),
    LogGroup: Shape(entries=("streams",)),
    LogStream: Shape(grows=("events",)),
    TaggingService: Shape(entries=("tags",)),
    Topic: Shape(dropped=("sent_notifications",)),
}


class StoreKeeper:
    """Trees of moto's backends, by owner. `write` appends records; `lock` is the store's."""

    def __init__(
        self, directory: Path, references: References, write: Callable[[Collection[Record]], None],
        lock: threading.RLock,
    ) -> None:
        self._directory, self._references, self._write, self._lock = directory, references, write, lock
        self._bodies: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
        self._reducers = Reducers({
            BaseBackend: lambda backend, _: (_the_backend, (_service(backend), backend.account_id,
                                                            backend.region_name)),
            FakeKey: self._reduce_object,
            RSAPrivateKey: lambda key, _: (_private_key, (_der(key),)),
            EllipticCurvePrivateKey: lambda key, _: (_private_key, (_der(key),)),
            x509.Certificate: lambda found, _: (_certificate, (found.public_bytes(serialization.Encoding.DER),)),
        })
        self._shapes: dict[str, Shapes] = {}
        self.trees: dict[Owner, Tree] = {}
        self._late: dict[Owner, dict[Way, Record]] = {}
        self._touched: set[Owner] = set()
        self.functions: Mapping[tuple[str, str], Callable[..., Any]] = {
            (_stored.__module__, _stored.__qualname__): self._load_body,
            (_set_object.__module__, _set_object.__qualname__): self._set_object,
        }

    # -- where things are

    @staticmethod
    def backend(owner: Owner) -> Any:
        """`("store", service, account, region or partition)` -> moto's backend."""
        return get_backend(owner[1])[owner[2]][owner[3]]

    def empty(self, owners: Collection[Owner]) -> None:
        """Make backends ready to be restored: nothing there but what is standard."""
        for owner in owners:
            backend = self.backend(owner)
            for name, value in vars(backend).items():
                if isinstance(value, dict) and name not in _STANDARD.get(owner[1], ()) and name not in _HIDDEN:
                    (OrderedDict if isinstance(value, OrderedDict) else dict).clear(value)
            self._tree(owner)

    def adopt(self, records: Mapping[Owner, Mapping[Way, Record]]) -> None:
        """What these records say has been restored."""
        for owner, known in records.items():
            self._tree(owner).adopt(known)
            if owner[1] == "s3":
                for bucket in self.backend(owner).buckets:
                    get_backend("s3").bucket_accounts[bucket] = (owner[3], owner[2])
            if owner[1] == "organizations" and self.backend(owner).org is not None:
                master = self.backend(owner).org
                for account in self.backend(owner).accounts:
                    if account.id != master.master_account_id:
                        get_backend("organizations").master_accounts[account.id] = (master.master_account_id, owner[3])

    def postponed(self, record: Record) -> bool:
        """Whether a record waits until its service is first asked for: some take long to come up."""
        late = record.owner[1] in _LATE
        if late:
            self._late.setdefault(record.owner, {})[record.way] = record
        return late

    def _catch_up(self, service: str) -> None:
        owners = {owner: self._late.pop(owner) for owner in list(self._late) if owner[1] == service}
        if owners:
            self.empty(list(owners))
            records = [record for found in owners.values() for record in found.values()]
            Restorer(records, self.backend, self._references, functions=self.functions).restore()
            self.adopt(owners)

    def _tree(self, owner: Owner) -> Tree:
        tree = self.trees.get(owner)
        if tree is None:
            service = owner[1]
            if service not in self._shapes:
                self._shapes[service] = Shapes(
                    _SHAPES, hidden=_HIDDEN, standard=_STANDARD.get(service, ()), whole=service not in DIVIDED,
                    skipped=lambda key: str(key).startswith("/aws/service/"))
            tree = Tree(owner, self.backend(owner), self._shapes[service], self._references, self._reducers)
            tree.begin()
            self.trees[owner] = tree
        return tree

    # -- one request

    def before(self, service: str, account: str, region: str) -> Owner:
        """Know the backend as it is before the first request to it."""
        self._catch_up(service)
        regions = get_backend(service)[account]
        owner = ("store", service, account, region if region in regions else "aws")
        self._tree(owner)
        for other in _OWNS.get(service, ()):
            self._catch_up(other)
            self._tree(("store", other, account, region))
        return owner

    def after(self, owner: Owner, wire: Wire) -> None:
        """Write what a request has changed. Raises AwsError when that can't be."""
        service = owner[1]
        if not _writes(service, wire):
            return
        self._touched.add(owner)
        said = _said(service, wire)
        items = _objects(wire) if service == "s3" else ()
        if len(items) == 1 and "upload" not in wire.query:
            said -= {items[0][0][1]}  # an object changes, its bucket doesn't
        try:
            records = self.trees[owner].changes(said, items=items, everything=service not in NAMED)
            for other in self._beside(owner, wire):
                records += self._tree(other).changes(everything=True)
        except (TypeError, AttributeError, PicklingError) as error:
            raise AwsError("NotEmulated", f"the local AWS can't keep this state of {service} on disk: {error}", 501) \
                from error
        self._commit(records)

    @contextmanager
    def changing(self, service: str, account: str, region: str) -> Iterator[None]:
        """Write what is changed in a backend beside any request."""
        owner = self.before(service, account, region)
        try:
            yield
        finally:
            self._commit(self.trees[owner].changes(everything=True))

    def _beside(self, owner: Owner, wire: Wire) -> list[Owner]:
        """Backends that there are, beside that of a request, in which it may have changed something."""
        _, service, account, region = owner
        if service in DIVIDED:
            if service not in _BESIDE or (service == "s3" and not self._notifies(owner, wire)):
                return []
            return [other for other in self.trees if other[1] in _BESIDE[service]]
        near = (other for other in _NEIGHBOURS if other != service and f"moto.{other}.models" in sys.modules)
        # `in` would say yes to every region; those that there are stand in the list.
        owned = [("store", other, account, region) for other in _OWNS.get(service, ())]
        return [*owned, *(("store", other, account, region) for other in near
                          if region in list(get_backend(other)[account]))]  # fmt: skip

    def _notifies(self, owner: Owner, wire: Wire) -> bool:
        bucket = self.backend(owner).buckets.get(_bucket_and_key(wire)[0])
        return bucket is not None and bucket.notification_configuration is not None

    def sweep(self, owners: Collection[Owner] | None = None) -> list[Record]:
        """Look at everything that requests have been at, whatever they named; what that found, and has written."""
        touched, self._touched = self._touched, set()
        found: list[Record] = []
        for owner in touched if owners is None else list(owners):
            with self._lock:
                records = self.trees[owner].changes(everything=True)
                self._commit(records)
                found += records
        return found

    def _commit(self, records: Collection[Record]) -> None:
        try:
            self._write(records)
        except AwsError:
            for tree in self.trees.values():
                tree.distrust()
            raise

    # -- bodies of objects

    def _reduce_object(self, key: Any, files: list[str]) -> tuple[Any, ...]:
        state = {k: v for k, v in key.__dict__.items() if k not in ("_value_buffer", "lock")}
        buffer = key._value_buffer
        if getattr(buffer, "closed", False):
            body: bytes | _Stored = b""
        elif buffer in self._bodies:
            body = _Stored(self._bodies[buffer])
        elif key.contentsize <= INLINE:
            body = key.value
        else:
            name = secrets.token_hex(12)
            _copy(buffer, self._directory / name)
            self._bodies[buffer] = name
            body = _Stored(name)
        if isinstance(body, _Stored):
            files.append(body.name)
        return copyreg.__newobj__, (type(key),), {**state, "body": body}, None, None, _set_object  # type: ignore[attr-defined]

    def _load_body(self, name: str) -> Any:
        return Body(self._directory / name)

    def _set_object(self, key: Any, state: dict[str, Any]) -> None:
        body = state.pop("body")
        key.__dict__.update(state)
        key.lock = threading.Lock()
        if isinstance(body, Body):
            key._value_buffer = body
            self._bodies[body] = body.path.name
        else:
            key._value_buffer = tempfile.SpooledTemporaryFile(key._max_buffer_size)  # noqa: SIM115  the object's
            key._value_buffer.write(body)


class _Stored:
    """In the state of an object: its body stands in a file of this name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __reduce__(self) -> tuple[Any, ...]:
        return _stored, (self.name,)


class Body:
    """The body of an object that is in a file: read when it is asked for, never held in memory, never changed."""

    def __init__(self, path: Path) -> None:
        self.path, self._at, self.closed = path, 0, False

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self.path.stat().st_size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        with self.path.open("rb") as file:
            file.seek(self._at)
            found = file.read(size)
        self._at += len(found)
        return found

    def close(self) -> None:
        self.closed = True


def _stored(name: str) -> Any:
    raise LookupError(f"nothing has the file {name}")


def _set_object(key: Any, state: dict[str, Any]) -> None:
    raise LookupError(f"nothing has the body of {key} {len(state)}")


def _the_backend(service: str, account: str, region: str) -> Any:
    return get_backend(service)[account][region]


def _service(backend: Any) -> str:
    return str(type(backend).__module__.split(".")[1])


def _der(key: Any) -> bytes:
    return bytes(key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
                                   serialization.NoEncryption()))


def _private_key(data: bytes) -> Any:
    return serialization.load_der_private_key(data, None)


def _certificate(data: bytes) -> Any:
    return x509.load_der_x509_certificate(data)


def _copy(buffer: IO[bytes], path: Path) -> None:
    buffer.seek(0)
    with path.open("xb") as file:
        while chunk := buffer.read(1 << 20):
            file.write(chunk)


def _writes(service: str, wire: Wire) -> bool:
    """Whether a request may change something. Reading from KMS makes keys that AWS manages."""
    if service == "s3":
        return wire.method not in ("GET", "HEAD", "OPTIONS")
    if service == "kms":
        return True
    asked = wire.headers.get("x-amz-target", "").rpartition(".")[2] or wire.argument("Action")
    if not asked:
        form = _ACTION.search(wire.body)
        asked = form[1].decode() if form else ""
    return not _READS.match(asked)


def _said(service: str, wire: Wire) -> set[str]:
    """The words of a request, decoded, without the content of objects."""
    said = set(words(unquote(wire.raw_path)))
    texts = [value for _, value in wire.pairs]
    if service != "s3":
        text = wire.body.decode("utf-8", "replace")
        if text.startswith("{"):
            texts.append(re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text))
        else:
            texts += [value for _, value in parse_qsl(text)]
    for text in texts:
        said.update(words(text))
    return said


def _bucket_and_key(wire: Wire) -> tuple[str, str]:
    bucket, _, key = unquote(wire.raw_path.lstrip("/")).partition("/")
    return bucket, key


def _objects(wire: Wire) -> list[tuple[Way, str]]:
    """The objects that a request to S3 may write or delete."""
    bucket, key = _bucket_and_key(wire)
    place = ("buckets", bucket, "keys")
    keys = [key] if key else []
    if wire.method == "POST" and not key:
        from html import unescape

        keys += [unescape(found.decode()) for found in _S3_KEYS.findall(wire.body)]
    return [(place, key) for key in keys]
