"""What is said on one link: routers, groups of listeners, DHCP."""

import fcntl
import json
import select
import socket
import struct
import sys
import time

from plant import checksum, enter, run, six


def index_of(space, link):
    enter(space)
    return socket.if_nametoindex(link)


def link_local(space, link):
    text = run(space, "ip", "-j", "-6", "addr", "show", "dev", link)
    found = [a["local"] for one in json.loads(text) for a in one.get("addr_info", []) if a.get("scope") == "link"]
    return found[0]


# How long something is waited for, in seconds: the laboratory says it.
wait = 1.0


def advertised():
    """Whether the host takes an address and a router from an advertisement of its link."""
    router = index_of("R", "r1")
    enter("R")
    sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, router)
    prefix = socket.inet_pton(socket.AF_INET6, "fd00:77::")
    body = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 0, 0, 0)
    body += struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 3600, 1800, 0) + prefix
    sock.sendto(body, ("ff02::1", 0, 0, router))
    sock.close()
    end = time.monotonic() + wait
    found = False
    while time.monotonic() < end and not found:
        found = "fd00:77:" in run("H", "ip", "-6", "addr", "show", "dev", "h0")
        time.sleep(0.03)
    if found:
        enter("H")
        text = run("H", "ip", "-j", "-6", "addr", "show", "dev", "h0")
        for one in json.loads(text):
            for a in one.get("addr_info", []):
                if a["local"].startswith("fd00:77:"):
                    run("H", "ip", "-6", "addr", "del", f"{a['local']}/{a['prefixlen']}", "dev", "h0")
    return found


def grouped():
    """Whether a general query for listeners of groups is answered by the host, as a switch that snoops needs it."""
    router = index_of("R", "r1")
    enter("R")
    query = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58)
    query.setblocking(False)
    query.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 1)
    query.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, router)
    heard = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x86DD))
    heard.bind(("r1", 0x86DD))
    heard.setblocking(False)
    # With the router alert, without which a host drops it (RFC 3810, section 6.2).
    query.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_HOPOPTS, bytes([0, 0, 5, 2, 0, 0, 1, 0]))
    body = struct.pack("!BBHHH", 130, 0, 0, 1, 0) + bytes(16) + struct.pack("!BBH", 2, 125, 0)
    query.sendto(body, ("ff02::1", 0, 0, router))
    found = False
    end = time.monotonic() + wait
    while time.monotonic() < end and not found:
        ready, _, _ = select.select([heard], [], [], 0.05)
        if ready:
            frame, origin = heard.recvfrom(2048)
            packet = frame[14:]
            # A hop-by-hop header with the router alert, then ICMPv6.
            if origin[2] != socket.PACKET_OUTGOING and packet[6] == 0 and packet[48] in (131, 143):
                found = True
    query.close()
    heard.close()
    return found


def bound(space, link, address, port):
    enter(space)
    sock = socket.socket(socket.AF_INET6 if six(address) else socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, link.encode())
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    scope = (0, socket.if_nametoindex(link)) if six(address) else ()
    sock.bind((address, port, *scope))
    sock.settimeout(wait)
    return sock


def arrives(sender, to, receiver):
    try:
        sender.sendto(b"lease", to)
        return receiver.recv(100) == b"lease"
    except OSError:
        return False


def lease(v6, gives):
    """A question of DHCP on the own link and its answer, with the host as who asks, or as who gives: both arrive."""
    if v6:
        host, other = link_local("H", "h0"), link_local("R", "r1")
        ports = (547, 546) if gives else (546, 547)
        mine = bound("H", "h0", "::", ports[0])
        theirs = bound("R", "r1", "::", ports[1])
        link = {"H": index_of("H", "h0"), "R": index_of("R", "r1")}
        client, server, space = (theirs, mine, "H") if gives else (mine, theirs, "R")
        enter(space)
        group = socket.inet_pton(socket.AF_INET6, "ff02::1:2") + struct.pack("@I", link[space])
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
        asks = link["R"] if gives else link["H"]
        client.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, asks)
        asked = arrives(client, ("ff02::1:2", 547, 0, asks), server)
        back = (other, 546, 0, link["H"]) if gives else (host, 546, 0, link["R"])
        answered = arrives(server, back, client)
    else:
        ports = (67, 68) if gives else (68, 67)
        mine = bound("H", "h0", "0.0.0.0", ports[0])
        theirs = bound("R", "r1", "0.0.0.0", ports[1])
        if gives:
            asked = from_nowhere() and received(mine)
            answered = arrives(mine, ("255.255.255.255", 68), theirs)
        else:
            asked = arrives(mine, ("255.255.255.255", 67), theirs)
            answered = arrives(theirs, ("255.255.255.255", 68), mine)
    mine.close()
    theirs.close()
    if asked != answered:
        sys.exit(f"half of DHCP passes: six={v6} gives={gives} asked={asked} answered={answered}")
    return asked and answered


def received(sock):
    try:
        return sock.recv(100) == b"lease."
    except OSError:
        return False


def from_nowhere():
    """A broadcast of somebody without an address."""
    enter("R")
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
    sock.bind(("r1", 0x0800))
    data = b"lease."
    udp = struct.pack("!HHHH", 68, 67, 8 + len(data), 0) + data
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, bytes(4), b"\xff" * 4)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    enter("R")
    request = fcntl.ioctl(sock.fileno(), 0x8927, struct.pack("256s", b"r1"))
    sock.send(b"\xff" * 6 + request[18:24] + struct.pack("!H", 0x0800) + head + udp)
    sock.close()
    return True
