"""mem0 with qdrant in a folder: add and search."""
import os
import tempfile

os.environ["MEM0_TELEMETRY"] = "False"
os.environ["MEM0_DIR"] = tempfile.mkdtemp()
from mem0 import Memory

URL = os.environ["PROVIDER_URL"] + "/v1"
with tempfile.TemporaryDirectory() as folder:
    memory = Memory.from_config(
        {
            "llm": {"provider": "openai", "config": {"model": "gpt-4o-mini", "openai_base_url": URL, "api_key": "k"}},
            "embedder": {
                "provider": "openai",
                "config": {
                    "model": "text-embedding-3-small",
                    "openai_base_url": URL,
                    "api_key": "k",
                    "embedding_dims": 8,
                },
            },
            "vector_store": {
                "provider": "qdrant",
                "config": {"path": folder, "embedding_model_dims": 8, "on_disk": True},
            },
        }
    )
    said = '<<say: {"facts": ["likes tea"], "memory": [{"id": "0", "text": "likes tea", "event": "ADD"}]}>>'
    added = memory.add([{"role": "user", "content": said}], user_id="one")
    print([each["event"] for each in added["results"]])
    found = memory.search("tea", filters={"user_id": "one"})
    print([each["memory"] for each in found["results"]])
