"""Launchers of others that start a Python with a sitecustomize of their own, which would hide ours."""
import os

from . import loading


def opentelemetry(module):
    """`opentelemetry-instrument`: its sitecustomize looks for no further one. Ours does, so ours goes first.

    :param module: `opentelemetry.instrumentation.auto_instrumentation`, which becomes the program by its own `execl`
    """
    real = module.execl

    def execl(*words):
        own = os.path.dirname(loading.FOLDER)
        folders = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        if own in folders:
            os.environ["PYTHONPATH"] = os.pathsep.join([own] + [folder for folder in folders if folder != own])
        real(*words)

    module.execl = execl
