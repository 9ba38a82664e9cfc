"""The plant: namespaces with links between them, and sockets in them."""

import ctypes
import os
import socket
import struct
import subprocess
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
NEWNET = 0x40000000
SPACES = {}
# Of <linux/netlink.h>, <linux/netfilter/nfnetlink.h> and <linux/netfilter/nfnetlink_conntrack.h>.
NETFILTER = 12
DELETE_CONNECTIONS = 1 << 8 | 2
REQUEST, ACK, ERROR = 1, 4, 2


def enter(name):
    if LIBC.setns(SPACES[name], NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def run(name, *command, given=None):
    enter(name)
    done = subprocess.run(command, input=given, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{name}: {' '.join(command)}: {done.stderr}")
    return done.stdout


def batch(name, text):
    run(name, "ip", "-batch", "-", given=text)


def sysctl(name, values):
    enter(name)
    for path, value in values.items():
        with open(f"/proc/sys/net/{path}", "w") as file:
            file.write(str(value))


def forget(name):
    """Drops what connection tracking remembers: a table lets replies through, and a port may come again in the next case."""
    enter(name)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETFILTER) as sock:
        sock.sendto(struct.pack("=LHHLLBBH", 20, DELETE_CONNECTIONS, REQUEST | ACK, 1, 0, socket.AF_UNSPEC, 0, 0), (0, 0))
        answer = sock.recv(4096)
    _, kind, _, _, _, error = struct.unpack_from("=LHHLLi", answer)
    if kind != ERROR or error != 0:
        sys.exit(f"{name}: connections are not forgotten: {kind} {error}")


def build():
    SPACES["host"] = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    for name in "WQRHCD":
        if LIBC.unshare(NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        SPACES[name] = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    at = {name: f"/proc/{os.getpid()}/fd/{fd}" for name, fd in SPACES.items()}
    for one, link, other, peer in [
        ("W", "w0", "Q", "q0"),
        ("Q", "q1", "R", "r0"),
        ("R", "r1", "H", "h0"),
        ("H", "vc", "C", "c0"),
        ("H", "vd", "D", "d0"),
    ]:
        batch(one, f"link add {link} type veth peer name {peer} netns {at[other]}\n")
    for name in "WQRHCD":
        batch(name, "link set lo up\n")
        sysctl(name, {"ipv6/conf/all/accept_dad": 0, "ipv6/conf/default/accept_dad": 0})
    for name in "QRH":
        sysctl(name, {"ipv4/ip_forward": 1, "ipv6/conf/all/forwarding": 1})
    sysctl("W", {"ipv4/ip_nonlocal_bind": 1, "ipv6/ip_nonlocal_bind": 1})
    sysctl("H", {"ipv6/conf/h0/accept_ra": 2, "ipv4/conf/all/rp_filter": 0})
    batch("W", """addr add 10.99.0.2/24 dev w0
addr add fd00:99::2/64 dev w0 nodad
link set w0 up
route add default via 10.99.0.1
route add default via fd00:99::1
route add local 10.10.0.0/21 dev lo
route add local 198.51.100.0/24 dev lo
route add local fd00:10:0:1::/64 dev lo
route add local fd00:10:0:2::/64 dev lo
""")
    batch("Q", """addr add 10.99.0.1/24 dev q0
addr add fd00:99::1/64 dev q0 nodad
addr add 10.98.0.1/24 dev q1
addr add fd00:98::1/64 dev q1 nodad
link set q0 mtu 1280 up
link set q1 up
route add 10.10.0.0/21 via 10.99.0.2
route add 198.51.100.0/24 via 10.99.0.2
route add fd00:10:0:1::/64 via fd00:99::2
route add fd00:10:0:2::/64 via fd00:99::2
route add default via 10.98.0.2
route add default via fd00:98::2
""")
    batch("R", """addr add 10.98.0.2/24 dev r0
addr add fd00:98::2/64 dev r0 nodad
addr add 10.10.10.1/24 dev r1
addr add fd00:10:0:a::1/64 dev r1 nodad
link set r0 up
link set r1 up
route add default via 10.98.0.1
route add default via fd00:98::1
route add 172.16.0.0/12 via 10.10.10.7
route add fd00:ffff::/64 via fd00:10:0:a::7
""")
    batch("H", """link add docker0 type bridge
link add br-other type bridge
link set vc master docker0 up
link set vd master br-other up
addr add 10.10.10.7/24 dev h0
addr add fd00:10:0:a::7/64 dev h0 nodad
addr add 172.17.0.1/16 dev docker0
addr add fd00:ffff::1/64 dev docker0 nodad
addr add 172.30.0.1/24 dev br-other
link set h0 up
link set docker0 up
link set br-other up
route add default via 10.10.10.1
route add default via fd00:10:0:a::1
""")
    batch("C", """addr add 172.17.0.2/16 dev c0
addr add fd00:ffff::2/64 dev c0 nodad
link set c0 up
route add default via 172.17.0.1
route add default via fd00:ffff::1
""")
    batch("D", "addr add 172.30.0.2/24 dev d0\nlink set d0 up\nroute add default via 172.30.0.1\n")
    # As a container engine does it: what leaves has the host's address, and a port of the host leads into a container.
    run("H", "nft", "-f", "-", given="""
table inet engine {
    chain out {
        type nat hook postrouting priority srcnat
        ip saddr 172.16.0.0/12 oifname "h0" masquerade
        ip6 saddr fd00:ffff::/64 oifname "h0" masquerade
    }
    chain in {
        type nat hook prerouting priority dstnat
        iifname "h0" fib daddr type local tcp dport 7000-7009 dnat ip to 172.17.0.2:80
        iifname "h0" fib daddr type local udp dport 7000-7009 dnat ip to 172.17.0.2:80
        iifname "h0" fib daddr type local tcp dport 7000-7009 dnat ip6 to [fd00:ffff::2]:80
        iifname "h0" fib daddr type local udp dport 7000-7009 dnat ip6 to [fd00:ffff::2]:80
    }
}
""")


def six(address):
    return ":" in address


def new(space, kind, address, port=0):
    enter(space)
    family = socket.AF_INET6 if six(address) else socket.AF_INET
    sock = socket.socket(family, kind)
    if six(address):
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setblocking(False)
    sock.bind((address, port))
    return sock


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
