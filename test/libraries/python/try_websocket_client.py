"""websocket-client on the Realtime API: create_connection and WebSocketApp."""
import json
import os

import websocket

URL = os.environ["PROVIDER_URL"].replace("http", "ws") + "/v1/realtime?model=gpt-realtime"
item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "What is the answer?"}]}
SENT = [{"type": "conversation.item.create", "item": item}, {"type": "response.create"}]

socket = websocket.create_connection(URL)
for message in SENT:
    socket.send(json.dumps(message))
while (event := json.loads(socket.recv()))["type"] != "response.done":
    print(event["type"])
socket.close()


def on_open(app):
    for message in SENT:
        app.send(json.dumps(message))


def on_message(app, message):
    print(json.loads(message)["type"])
    if json.loads(message)["type"] == "response.done":
        app.close()


websocket.WebSocketApp(URL, on_open=on_open, on_message=on_message).run_forever()
