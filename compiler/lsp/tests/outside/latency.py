"""How long an edit takes to be answered: from the key to the diagnostics, in milliseconds.

    python3 latency.py COMMAND PROJECT FILE [EDITS]

It types a quote at the end of FILE, which breaks it, and takes it away again. It prints the fastest, the
median and the slowest of each stage: spelling (published with the key), names, proof.
"""

import json
import pathlib
import subprocess
import sys
import threading
import time
import queue

command, folder, name = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), sys.argv[3]
edits = int(sys.argv[4]) if len(sys.argv) > 4 else 30
server = subprocess.Popen([command, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
messages = queue.Queue()


def listen():
    while True:
        length = None
        while True:
            line = server.stdout.readline()
            if not line:
                return
            if line.startswith(b"Content-Length:"):
                length = int(line.split(b":")[1])
            if line == b"\r\n":
                break
        body = server.stdout.read(length)
        messages.put((time.perf_counter(), json.loads(body)))


threading.Thread(target=listen, daemon=True).start()


def send(method, params, number=None):
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    if number is not None:
        message["id"] = number
    body = json.dumps(message).encode()
    server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    server.stdin.flush()
    return time.perf_counter()


def wait(is_it):
    while True:
        at, message = messages.get(timeout=120)
        if is_it(message):
            return at


uri = (folder / name).as_uri()
send("initialize", {
    "capabilities": {"general": {"positionEncodings": ["utf-8"]}},
    "rootUri": folder.as_uri(),
    "workspaceFolders": [{"uri": folder.as_uri(), "name": "it"}],
    "initializationOptions": {"status": True},
}, 1)
wait(lambda message: message.get("id") == 1)
send("initialized", {})
text = (folder / name).read_text()
version = 1
begun = send("textDocument/didOpen", {
    "textDocument": {"uri": uri, "languageId": "kdl", "version": 1, "text": text}
})


def has(stage):
    return lambda message: (
        message.get("method") == "leastwise/status"
        and message["params"]["stage"] == stage
        and message["params"]["versions"].get(uri) == version
    )


def publishes(message):
    return message.get("method") == "textDocument/publishDiagnostics" and (
        message["params"]["uri"] == uri and message["params"].get("version") == version
    )


proved = wait(has("proof"))
print(f"{text.count(chr(10))} lines; opened and proved in {1000 * (proved - begun):.0f} ms")
end = {"line": text.count("\n"), "character": len(text.rsplit("\n", 1)[1].encode())}
times = {"spelling": [], "names": [], "proof": []}
for number in range(edits):
    for new, removed in (('"', 0), ("", 1)):
        version += 1
        stop = {"line": end["line"], "character": end["character"] + removed}
        at = send("textDocument/didChange", {
            "textDocument": {"uri": uri, "version": version},
            "contentChanges": [{"range": {"start": end, "end": stop}, "text": new}],
        })
        times["spelling"].append(wait(publishes) - at)
        times["names"].append(wait(has("names")) - at)
        if removed:
            times["proof"].append(wait(has("proof")) - at)
for stage, all_of in times.items():
    all_of = sorted(1000 * one for one in all_of)
    print(f"{stage:9} fastest {all_of[0]:7.1f} ms, median {all_of[len(all_of) // 2]:7.1f} ms, slowest {all_of[-1]:7.1f} ms")
with open(f"/proc/{server.pid}/status") as status:
    print(next(line for line in status if line.startswith("VmHWM")).strip())
number = 10


def ask(method, params):
    global number
    number += 1
    at = send(method, params, number)
    answer = []

    def is_it(message):
        if message.get("id") == number:
            answer.append(message)
        return bool(answer)

    return 1000 * (wait(is_it) - at), answer[0].get("result")


asked = {"textDocument": {"uri": uri}}
line = next((at for at, one in enumerate(text.split("\n")) if one.startswith("workload ")), 0)
place = {"line": line, "character": 12}
for method, params in [
    ("textDocument/completion", {**asked, "position": place}),
    ("textDocument/semanticTokens/full", asked),
    ("textDocument/codeLens", asked),
    ("textDocument/hover", {**asked, "position": place}),
    ("textDocument/references", {**asked, "position": place, "context": {"includeDeclaration": True}}),
]:
    took, result = ask(method, params)
    print(f"{method} {took:.1f} ms")
    if method.endswith("codeLens") and result:
        took, _ = ask("codeLens/resolve", result[0])
        print(f"codeLens/resolve {took:.1f} ms")
send("shutdown", None, 2)
wait(lambda message: message.get("id") == 2)
send("exit", None)
server.wait(10)
