"""An OpenAI-compatible server inside the program: it asks for the first offered tool once, then answers `ok`."""
import http.server
import json
import threading


def serve():
    """:returns: base URL"""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Model)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return "http://127.0.0.1:%d/v1" % server.server_port


class _Model(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        asked = any(message["role"] == "tool" for message in body["messages"])
        message, finish = {"role": "assistant", "content": "ok"}, "stop"
        if body.get("tools") and not asked:
            function = {"name": body["tools"][0]["function"]["name"], "arguments": '{"city": "Rome"}'}
            message["content"], message["tool_calls"] = None, [{"index": 0, "id": "call_1", "type": "function", "function": function}]
            finish = "tool_calls"
        facts = {"id": "c1", "created": 1, "model": body["model"]}
        if body.get("stream"):
            chunks = [{"delta": message, "finish_reason": None}, {"delta": {}, "finish_reason": finish}]
            events = [dict(facts, object="chat.completion.chunk", choices=[dict(each, index=0)]) for each in chunks]
            data = "".join("data: %s\n\n" % json.dumps(each) for each in events) + "data: [DONE]\n\n"
            self._answer("text/event-stream", data)
        else:
            usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
            choices = [{"index": 0, "message": message, "finish_reason": finish}]
            self._answer("application/json", json.dumps(dict(facts, object="chat.completion", choices=choices, usage=usage)))

    def _answer(self, kind, data):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data.encode())
