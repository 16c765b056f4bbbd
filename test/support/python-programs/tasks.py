"""A celery application on a file system broker."""

import os

from celery import Celery
from workers import call as make

folder = os.environ["BROKER_FOLDER"]
app = Celery("tasks", broker="filesystem://")
app.conf.update(
    broker_transport_options={
        "data_folder_in": folder,
        "data_folder_out": folder,
        "control_folder": os.path.join(folder, "control"),
    },
    task_ignore_result=True,
)


@app.task
def call():
    with open(os.path.join(folder, "done"), "a") as handle:
        handle.write(make() + "\n")
