"""Imports every module of the standard library, with those in its packages; prints those that fail as JSON."""
import importlib
import json
import pkgutil
import sys
import warnings

warnings.simplefilter("ignore")
# One opens a browser, the other prints a poem.
SKIPPED = {"antigravity", "this"}


def attempt(name):
    try:
        return importlib.import_module(name)
    except Exception as error:
        failed[name] = f"{type(error).__name__}: {error}"


failed = {}
imported = 0
waiting = sorted(sys.stdlib_module_names - SKIPPED)
while waiting:
    name = waiting.pop()
    module = attempt(name)
    imported += module is not None
    for _, child, _ in pkgutil.iter_modules(getattr(module, "__path__", [])):
        if child != "__main__":
            waiting.append(f"{name}.{child}")
print(json.dumps({"imported": imported, "failed": failed}))
