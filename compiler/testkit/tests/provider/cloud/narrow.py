"""The real provider behind a socket, with as much of its schema as modules use.

Each command of Terraform asks for the whole schema and has the provider check all of it, ten seconds of a processor each time. So one process of
the provider stays, is asked once, and answers are handed on: of the schema the types that are wanted, of the check what it said to the same
configuration. Every other call goes through as it is.
"""

import json
import re
import subprocess
from concurrent import futures

import grpc

SCHEMA = "/tfplugin5.Provider/GetSchema"
# A function of the configuration alone.
CHECK = "/tfplugin5.Provider/PrepareProviderConfig"
# Fields of the answer, by tfplugin5.proto.
RESOURCES, DATA, FUNCTIONS, EPHEMERAL = 2, 3, 7, 8
UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def varint(message, at):
    number = shift = 0
    while True:
        byte = message[at]
        at += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, at


def narrowed(message, wanted):
    """A schema with the types that are wanted; every field of it is a message of its own."""
    kept, at = [], 0
    while at < len(message):
        start = at
        tag, at = varint(message, at)
        size, at = varint(message, at)
        field, body = tag >> 3, message[at : at + size]
        at += size
        if field in (RESOURCES, DATA):
            # An entry of a map: its key is the first field.
            length, key = varint(body, 1)
            if body[key : key + length].decode() not in wanted:
                continue
        elif field in (FUNCTIONS, EPHEMERAL):
            continue
        kept.append(message[start:at])
    return b"".join(kept)


class Through(grpc.GenericRpcHandler):
    """Every call of the protocol, handed on to the provider."""

    def __init__(self, channel, wanted):
        self.channel, self.wanted, self.said = channel, wanted, {}

    def service(self, handler_call_details):
        method = handler_call_details.method
        if not method.startswith("/tfplugin5."):
            return None
        call = self.channel.unary_unary(method)

        def answer(request, context):
            try:
                if method not in (SCHEMA, CHECK):
                    return call(request)
                if (method, request) not in self.said:
                    said = call(request)
                    self.said[method, request] = narrowed(said, self.wanted) if method == SCHEMA else said
                return self.said[method, request]
            except grpc.RpcError as error:
                return context.abort(error.code(), error.details())

        return grpc.unary_unary_rpc_method_handler(answer)


def serve(provider, wanted, socket):
    """Starts the provider, and answers for it on a socket. Gives its process."""
    process = subprocess.Popen([provider, "-debug"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    found = None
    while not found:
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{provider} does not start")
        found = re.search("TF_REATTACH_PROVIDERS='(.*)'", line)
    (attach,) = json.loads(found.group(1)).values()
    if attach["ProtocolVersion"] != 5:
        raise RuntimeError(f"{provider} speaks another protocol: {attach}")
    channel = grpc.insecure_channel("unix:" + attach["Addr"]["String"], options=UNLIMITED)
    server = grpc.server(futures.ThreadPoolExecutor(64), options=UNLIMITED)
    server.add_generic_rpc_handlers([Through(channel, set(wanted))])
    server.add_insecure_port("unix:" + socket)
    server.start()
    process.server = server
    return process
