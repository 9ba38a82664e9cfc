"""Packets to ports and echoes, all of a case at once."""

import select
import socket
import struct
import time

from plant import checksum, enter, new, six

# What a long answer or a long file has, in bytes.
BULK = 120_000


class Probes:
    """The probes of a case, all at once."""

    def __init__(self, probes):
        self.probes = probes
        self.seen = [False] * len(probes)
        self.servers = {}
        self.clients = {}
        self.accepted = {}
        self.got = {}
        self.to_send = {}

    def serve(self):
        for probe in self.probes:
            if probe["kind"] not in ("tcp", "udp", "send", "fetch"):
                continue
            udp = probe["kind"] == "udp"
            key = (probe["space"], probe["server"], probe["port"], udp)
            if key not in self.servers:
                sock = new(probe["space"], socket.SOCK_DGRAM if udp else socket.SOCK_STREAM, probe["server"], probe["port"])
                if not udp:
                    sock.listen(64)
                self.servers[key] = sock

    def start(self):
        for at, probe in enumerate(self.probes):
            kind, to = probe["kind"], (probe.get("to"), probe.get("dial"))
            if kind in ("tcp", "send", "fetch"):
                sock = new(probe["from"], socket.SOCK_STREAM, probe["source"])
                try:
                    sock.connect(to)
                except BlockingIOError:
                    pass
                except OSError:
                    continue
                self.clients[sock] = at
                if kind == "send":
                    self.to_send[sock] = BULK
            elif kind == "udp":
                sock = new(probe["from"], socket.SOCK_DGRAM, probe["source"])
                try:
                    sock.sendto(str(at).encode(), to)
                except OSError:
                    continue
                self.clients[sock] = at
            elif kind == "echo":
                enter(probe["from"])
                v6 = six(probe["to"])
                family, protocol = (socket.AF_INET6, 58) if v6 else (socket.AF_INET, 1)
                sock = socket.socket(family, socket.SOCK_RAW, protocol)
                sock.setblocking(False)
                sock.bind((probe["source"], 0))
                number = 1000 + (int(time.time() * 1000) + at) % 60000
                packet = struct.pack("!BBHHH", 128 if v6 else 8, 0, 0, number, at)
                if not v6:
                    packet = packet[:2] + struct.pack("!H", checksum(packet)) + packet[4:]
                try:
                    sock.sendto(packet, (probe["to"], 0))
                except OSError:
                    continue
                self.clients[sock] = (at, number, v6)

    def turn(self, until):
        while time.monotonic() < until:
            rest = [*self.servers.values(), *self.clients, *self.accepted]
            writers = [sock for sock, left in self.to_send.items() if left > 0]
            waiting = [sock for sock, at in self.clients.items() if isinstance(at, int)
                       and self.probes[at]["kind"] == "tcp" and not self.seen[at]]
            ready, able, _ = select.select(rest, writers + waiting, [], max(0, min(0.05, until - time.monotonic())))
            for sock in able:
                self.write(sock)
            for sock in ready:
                self.read(sock)
            if not ready and not able and time.monotonic() > until:
                break

    def write(self, sock):
        if sock in self.to_send:
            try:
                self.to_send[sock] -= sock.send(b"x" * min(65536, self.to_send[sock]))
            except BlockingIOError:
                pass
            except OSError:
                self.to_send[sock] = 0
            return
        at = self.clients[sock]
        if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
            try:
                sock.getpeername()
                self.seen[at] = True
            except OSError:
                pass

    def read(self, sock):
        for (_, _, _, udp), server in self.servers.items():
            if sock is not server:
                continue
            if udp:
                data, peer = sock.recvfrom(2048)
                try:
                    sock.sendto(data, peer)
                except OSError:
                    pass
            else:
                try:
                    one, peer = sock.accept()
                except OSError:
                    return
                one.setblocking(False)
                self.accepted[one] = peer
                self.got[one] = 0
                # Who fetches is sent much; who sends is only counted.
                fetches = [at for client, at in self.clients.items() if isinstance(at, int)
                           and self.probes[at]["kind"] == "fetch" and same(client, peer)]
                if fetches:
                    self.to_send[one] = BULK
            return
        if sock in self.accepted:
            try:
                data = sock.recv(262144)
            except OSError:
                data = b""
            if not data:
                self.accepted.pop(sock)
                self.to_send.pop(sock, None)
                sock.close()
                return
            self.got[sock] += len(data)
            if self.got[sock] >= BULK:
                for client, at in self.clients.items():
                    if isinstance(at, int) and self.probes[at]["kind"] == "send" and client in self.to_send \
                            and self.to_send[client] <= 0:
                        if self.answers(client, sock):
                            self.seen[at] = True
            return
        at = self.clients.get(sock)
        if at is None:
            return
        if isinstance(at, tuple):
            at, number, v6 = at
            try:
                data = sock.recv(2048)
            except OSError:
                return
            body = data if v6 else data[(data[0] & 15) * 4:]
            if body[0] == (129 if v6 else 0) and struct.unpack("!H", body[4:6])[0] == number:
                self.seen[at] = True
            return
        try:
            data = sock.recv(262144)
        except OSError:
            self.clients.pop(sock)
            sock.close()
            return
        kind = self.probes[at]["kind"]
        if kind == "udp" and data == str(at).encode():
            self.seen[at] = True
        elif kind == "fetch":
            self.got[sock] = self.got.get(sock, 0) + len(data)
            if self.got[sock] >= BULK:
                self.seen[at] = True
        if not data:
            self.clients.pop(sock)
            sock.close()

    def answers(self, client, accepted):
        """Whether the accepted end belongs to this client: by port, as the address may be translated."""
        return client.getsockname()[1] == accepted.getpeername()[1]

    def close(self):
        for sock in [*self.servers.values(), *self.clients, *self.accepted]:
            # Nothing lingers into the next case.
            try:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                pass
            sock.close()


def same(client, peer):
    try:
        return client.getsockname()[1] == peer[1]
    except OSError:
        return False
