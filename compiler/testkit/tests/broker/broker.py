"""Device policies in a real broker: mosquitto, whose dynamic-security plugin is told what they say.

Reads {"devices": [{"policies": [TEXT…], "values": {VARIABLE: TEXT}, "context": {KEY: TEXT}}…],
"decisions": [[NUMBER OF THE DEVICE, ACTION, TEXT]…]}, and prints for each decision whether the broker lets the device do it; null
where a policy says what the plugin has no exact word for.

A policy's `*` is anything, the broker's `#` the levels below and the parent too: so a `/*` at the end is a `/#`, and the parent is
denied beside it. Any other wildcard has no word. `+` and `#` in a policy are characters, so they stand in literal subscriptions.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

WAIT = 20
PASSWORD = "of the test"
END = "end-of-probes"
# A topic that begins with a dollar is no part of all others.
ALL = ("#", "$aws/#")
ALLOW, DENY = 0, 100
CONNECT, PUBLISH, SUBSCRIBE, RECEIVE = "iot:Connect", "iot:Publish", "iot:Subscribe", "iot:Receive"
WORDS = {PUBLISH: "publishClientSend", SUBSCRIBE: "subscribeLiteral", RECEIVE: "publishClientReceive"}
PLUGINS = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/lib64"]


def listed(value):
    return value if isinstance(value, list) else [value]


def holds(condition, context):
    """Whether what is asked is so. An absent key is as if it were not."""
    for operator, keys in condition.items():
        for key, values in keys.items():
            if operator not in ("StringEquals", "Bool"):
                raise ValueError(f"a condition {operator}")
            if context.get(key.lower()) not in listed(values):
                return False
    return True


def filled(text, values):
    """A resource with its variables; nothing if one has no value."""
    for name, value in values.items():
        text = text.replace(name, value)
    return None if "${" in text else text


def statements(device):
    """Pairs (effect, sort, pattern) of a device."""
    for text in device["policies"]:
        for one in listed(json.loads(text)["Statement"]):
            if not holds(one.get("Condition", {}), device["context"]):
                continue
            for action in listed(one["Action"]):
                for resource in listed(one["Resource"]):
                    name = filled(resource, device["values"])
                    if name is not None:
                        yield one["Effect"], action, name.split(":", 5)[5].split("/", 1)[1]


class Roles:
    """What the plugin is told of one device."""

    def __init__(self, device):
        self.acls = {sort: [] for sort in WORDS}
        self.clients = []
        self.unworded = set()
        for effect, sort, pattern in statements(device):
            if sort == CONNECT:
                if effect != "Allow" or "*" in pattern or "?" in pattern:
                    self.unworded.add(sort)
                self.clients.append(pattern)
            else:
                self.acls[sort] += self.worded(sort, effect == "Allow", pattern)

    def worded(self, sort, allow, pattern):
        word = WORDS[sort]
        priority = ALLOW if allow else DENY
        start = pattern[:-2] if pattern.endswith("/*") else pattern
        if "*" in start or "?" in start or (sort != SUBSCRIBE and re.search("[+#]", start)):
            self.unworded.add(sort)
            return []
        if start is pattern:
            return [{"acltype": word, "topic": pattern, "priority": priority, "allow": allow}]
        word = word.replace("Literal", "Pattern")
        return [
            {"acltype": word, "topic": f"{start}/#", "priority": priority, "allow": allow},
            {"acltype": word, "topic": start, "priority": priority + 1, "allow": not allow},
        ]


def client(name, role, clientid=None, disabled=False):
    salt = os.urandom(12)
    digest = hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), salt, 1)
    made = {
        "username": name,
        "roles": [{"rolename": role}],
        "password": base64.b64encode(digest).decode(),
        "salt": base64.b64encode(salt).decode(),
        "iterations": 1,
    }
    if clientid is not None:
        made["clientid"] = clientid
    if disabled:
        made["disabled"] = True
    return made


def mark(word):
    """The right to the message that says that those before it have passed."""
    return [{"acltype": word, "topic": END, "priority": DENY, "allow": True}]


def configuration(roles):
    everything = [
        {"acltype": word, "topic": topic, "priority": ALLOW, "allow": True}
        for word in ("publishClientSend", "publishClientReceive", "subscribePattern")
        for topic in ALL
    ]
    # Without a right to subscribe of its own, nothing could be delivered: that is asked apart.
    listening = [{"acltype": "subscribeLiteral", "topic": topic, "priority": ALLOW, "allow": True} for topic in ALL]
    listening += mark("publishClientReceive")
    made = {"clients": [client("probe", "probe")], "roles": [{"rolename": "probe", "acls": everything}]}
    for number, role in enumerate(roles):
        name, listener = str(number), f"listener {number}"
        own = role.clients[0] if role.clients else None
        made["clients"] += [client(name, name, own, own is None), client(listener, listener)]
        sent = role.acls[PUBLISH] + role.acls[SUBSCRIBE] + mark("publishClientSend")
        made["roles"] += [
            {"rolename": name, "acls": sent},
            {"rolename": listener, "acls": role.acls[RECEIVE] + listening},
        ]
    closed = ("publishClientSend", "publishClientReceive", "subscribe")
    made["defaultACLAccess"] = {**{word: False for word in closed}, "unsubscribe": True}
    return made


class Session:
    """One connection, each call answered."""

    told = threading.Condition()

    def __init__(self, port, username, clientid):
        self.answers, self.heard, self.is_closed = {}, set(), False
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=clientid, protocol=mqtt.MQTTv311, reconnect_on_failure=False
        )
        self.client.username_pw_set(username, PASSWORD)
        self.client.on_connect = lambda _c, _u, _f, code, _p: self.tell("connect", code)
        self.client.on_subscribe = lambda _c, _u, mid, codes, _p: self.tell(("subscribe", mid), codes[0])
        self.client.on_message = lambda _c, _u, message: self.hear((message.topic, message.payload))
        self.client.on_disconnect = lambda *_: self.end()
        self.client.connect("127.0.0.1", port, 60)
        self.client.loop_start()

    def tell(self, what, code):
        with self.told:
            self.answers[what] = not code.is_failure
            self.told.notify_all()

    def hear(self, message):
        with self.told:
            self.heard.add(message)
            self.told.notify_all()

    def end(self):
        with self.told:
            self.is_closed = True
            self.told.notify_all()

    def wait(self, until):
        with self.told:
            if not self.told.wait_for(until, WAIT):
                raise TimeoutError("the broker does not answer")

    def answer(self, what):
        """Whether the broker agrees."""
        self.wait(lambda: what in self.answers)
        return self.answers[what]

    def is_open(self):
        return self.answer("connect")

    def subscribe(self, wanted):
        return ("subscribe", self.client.subscribe(wanted, qos=0)[1])

    def hears_all(self):
        return self.is_open() and all(self.answer(self.subscribe(topic)) for topic in ALL)

    def passes(self, topic, by, mark):
        """Whether a message comes to it that another session sends. Who may not publish is cut off; who may is told by the mark."""
        by.client.publish(topic, mark, qos=0)
        by.client.publish(END, mark, qos=0)
        self.wait(lambda: (END, mark) in self.heard or by.is_closed)
        return (topic, mark) in self.heard

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


def started(folder, made):
    """A broker of this configuration, at a free port of this machine."""
    plugin = next(f"{path}/mosquitto_dynamic_security.so" for path in PLUGINS
                  if os.path.exists(f"{path}/mosquitto_dynamic_security.so"))
    with open(f"{folder}/dynamic.json", "w", encoding="utf-8") as file:
        json.dump(made, file)
    os.chmod(f"{folder}/dynamic.json", 0o600)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lines = [f"listener {port} 127.0.0.1", "allow_anonymous false", f"plugin {plugin}",
             f"plugin_opt_config_file {folder}/dynamic.json", "max_queued_messages 0", "max_inflight_messages 0",
             "log_dest none", "persistence false"]
    if os.geteuid() == 0:
        lines.append("user root")
    with open(f"{folder}/mosquitto.conf", "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    found = shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin") or "mosquitto"
    broker = subprocess.Popen([found, "-c", f"{folder}/mosquitto.conf"], stdout=sys.stderr)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return broker, port
        except OSError:
            if broker.poll() is not None:
                raise RuntimeError(f"mosquitto ends with {broker.returncode}") from None
            time.sleep(0.05)
    raise TimeoutError("mosquitto does not listen")


def asked(port, probe, number, role, decisions):
    """The answers about one device: (position, answer) pairs."""
    of = {sort: [(at, text) for at, (_, own, text) in decisions if own == sort] for sort in (CONNECT, *WORDS)}
    answers = []
    name, listener = str(number), f"listener {number}"
    own = role.clients[0] if role.clients else name
    for at, clientid in of[CONNECT]:
        session = Session(port, name, clientid)
        answers.append((at, session.is_open()))
        session.close()
    if of[SUBSCRIBE]:
        session = Session(port, name, own)
        sent = [(at, session.subscribe(text)) for at, text in of[SUBSCRIBE] if session.is_open()]
        answers += [(at, session.answer(what)) for at, what in sent]
        session.close()
    for at, topic in of[PUBLISH]:
        session = Session(port, name, own)
        answers.append((at, session.is_open() and probe.passes(topic, session, str(at).encode())))
        session.close()
    if of[RECEIVE]:
        session = Session(port, listener, listener)
        if not session.hears_all():
            raise RuntimeError("a listener is refused")
        answers += [(at, session.passes(topic, probe, str(at).encode())) for at, topic in of[RECEIVE]]
        session.close()
    sorts = {at: sort for at, (_, sort, _) in decisions}
    return [(at, None if sorts[at] in role.unworded else answer) for at, answer in answers]


def main():
    said = json.load(sys.stdin)
    roles = [Roles(device) for device in said["devices"]]
    answers = [False] * len(said["decisions"])
    with tempfile.TemporaryDirectory() as folder:
        broker, port = started(folder, configuration(roles))
        try:
            probe = Session(port, "probe", "probe")
            if not probe.hears_all():
                raise RuntimeError("the probe is refused")
            for number, role in enumerate(roles):
                own = [(at, one) for at, one in enumerate(said["decisions"]) if one[0] == number]
                for at, answer in asked(port, probe, number, role, own):
                    answers[at] = answer
            probe.close()
        finally:
            broker.terminate()
            broker.wait()
    json.dump(answers, sys.stdout)


main()
