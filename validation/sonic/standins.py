"""What SONiC's daemons run beside, in memory: databases, logs, and where the platform is.

Each module here has only what the daemons name. Nothing of SONiC is copied.
"""

import json
import re
import sys
import threading
import types
from pathlib import Path

CHANGED = threading.Condition(threading.RLock())
TABLES = {}
SUBSCRIBERS = {}
# (database, table, key, fields) of every write, in order.
WRITES = []
# (level, text) of what was logged.
LOGGED = []


def table(database, name):
    return TABLES.setdefault((database, name), {})


def put(database, name, key, fields):
    """Fields of a key; those that it has beside them stay."""
    with CHANGED:
        row = table(database, name).setdefault(key, {})
        row.update({field: str(value) for field, value in fields})
        WRITES.append((database, name, key, dict(fields)))
        for subscriber in SUBSCRIBERS.get((database, name), ()):
            subscriber.pending[key] = ("SET", tuple(row.items()))
        CHANGED.notify_all()


def remove(database, name, key):
    with CHANGED:
        if table(database, name).pop(key, None) is None:
            return
        for subscriber in SUBSCRIBERS.get((database, name), ()):
            subscriber.pending[key] = ("DEL", ())
        CHANGED.notify_all()


class Database:
    def __init__(self, name):
        self.name = name

    def hget(self, key, field):
        name, _, row = key.partition("|")
        with CHANGED:
            return table(self.name, name).get(row, {}).get(field)


class Table:
    def __init__(self, database, name):
        self.database, self.name = database.name, name

    def set(self, key, fields):
        put(self.database, self.name, key, fields)

    def get(self, key):
        with CHANGED:
            row = table(self.database, self.name).get(key)
            return (False, ()) if row is None else (True, tuple(row.items()))

    def hget(self, key, field):
        with CHANGED:
            row = table(self.database, self.name).get(key, {})
            return (field in row, row.get(field, ""))

    def getKeys(self):  # noqa: N802 - the name of the binding
        with CHANGED:
            return tuple(table(self.database, self.name))

    def _del(self, key):
        remove(self.database, self.name, key)

    def hdel(self, key, field):
        with CHANGED:
            table(self.database, self.name).get(key, {}).pop(field, None)


class SubscriberStateTable:
    def __init__(self, database, name):
        with CHANGED:
            rows = table(database.name, name)
            self.pending = {key: ("SET", tuple(row.items())) for key, row in rows.items()}
            SUBSCRIBERS.setdefault((database.name, name), []).append(self)

    def pop(self):
        with CHANGED:
            if not self.pending:
                return ("", "", None)
            key = next(iter(self.pending))
            operation, fields = self.pending.pop(key)
            return (key, operation, fields)


class Select:
    OBJECT, TIMEOUT = 0, 2

    def __init__(self):
        self.of = []

    def addSelectable(self, subscriber):  # noqa: N802 - the name of the binding
        self.of.append(subscriber)

    def select(self, milliseconds=-1):
        ready = lambda: next((of for of in self.of if of.pending), None)
        with CHANGED:
            found = CHANGED.wait_for(ready, None if milliseconds < 0 else milliseconds / 1000)
        return (self.TIMEOUT, None) if found is None else (self.OBJECT, found)


class Logger:
    def __init__(self, *_arguments, **_options):
        self.logger = types.SimpleNamespace(propagate=False)

    def __getattr__(self, name):
        if name.startswith("log_"):
            return lambda text, *_: LOGGED.append((name[4:], str(text)))
        return lambda *_arguments, **_options: None


class DaemonBase(Logger):
    def __init__(self, *_arguments, **_options):
        super().__init__()
        self.logger_instance = Logger()


def natural(text):
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]


def module(name, **members):
    made = types.ModuleType(name)
    vars(made).update(members)
    sys.modules[name] = made
    return made


def install(directory):
    """Puts all of it in place, for a platform in a directory."""
    directory = Path(directory)
    read = lambda name: lambda *_: json.loads((directory / name).read_text())
    module("natsort", natsorted=lambda all, key=None: sorted(all, key=lambda one: natural(key(one) if key else one)))
    bindings = module(
        "swsscommon.swsscommon",
        Table=Table,
        ProducerStateTable=Table,
        SubscriberStateTable=SubscriberStateTable,
        Select=Select,
        FieldValuePairs=list,
        CFG_PORT_TABLE_NAME="PORT",
        APP_PORT_TABLE_NAME="PORT_TABLE",
        STATE_PORT_TABLE_NAME="PORT_TABLE",
        SET_COMMAND="SET",
        DEL_COMMAND="DEL",
    )
    module("swsscommon", swsscommon=bindings)
    places = (str(directory), str(directory))
    common = module("sonic_py_common")
    for name, members in {
        "syslogger": {"SysLogger": Logger},
        "logger": {"Logger": Logger},
        "daemon_base": {
            "DaemonBase": DaemonBase,
            "db_connect": lambda name, namespace="": Database(name),
        },
        "multi_asic": {
            "PORT_ROLE": "role",
            "is_multi_asic": lambda: False,
            "get_front_end_namespaces": lambda: [""],
            "get_asic_index_from_namespace": lambda _namespace: 0,
            "is_front_panel_port": lambda _name, _role=None: True,
        },
        "device_info": {
            "get_cpo_data": read("cpo.json"),
            "get_platform_json_data": read("platform.json"),
            "get_paths_to_platform_and_hwsku_dirs": lambda: places,
            "get_path_to_platform_dir": lambda: places[0],
            "get_platform": lambda: "shoreline",
            "get_platform_and_hwsku": lambda: ("shoreline", "shoreline"),
            "get_bmc_data": lambda: None,
            "is_switch_host": lambda: False,
        },
    }.items():
        setattr(common, name, module(f"sonic_py_common.{name}", **members))
