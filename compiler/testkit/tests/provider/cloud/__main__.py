"""An AWS on this machine and a provider that speaks with it, for modules to be applied to.

    python cloud PROVIDER TYPES PORT SOCKET

The AWS is moto on a port, one of its own for each account that asks: the last twelve characters of the access key say which. What moto permits
and AWS refuses is refused (`keys.py`, `deletes.py`); what it lacks is added (`lacks.py`). Each line of the input names a file of modules:
everything is forgotten, what exists for them is made (`existing.py`), and `ready` is said. The end of the input is the end.
"""

import json
import logging
import pathlib
import sys
import threading
import traceback

import moto.iam.models
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

import deletes
import existing
import keys
import lacks
import narrow


def main():
    provider, types, port, socket = sys.argv[1:]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto.iam.models.get_account_id_from = lambda key: key[-12:]
    keys.check()
    deletes.refuse()
    lacks.add(f"127.0.0.1:{port}")
    server = make_server("127.0.0.1", int(port), DomainDispatcherApplication(create_backend_app), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    behind = narrow.serve(provider, json.loads(pathlib.Path(types).read_text()), socket)
    try:
        print("started", flush=True)
        for line in sys.stdin:
            moto_api_backend.reset()
            lacks.forget()
            try:
                existing.make(json.loads(pathlib.Path(line.strip()).read_text()))
                print("ready", flush=True)
            except Exception:
                print(json.dumps(traceback.format_exc()), flush=True)
    finally:
        behind.kill()


main()
