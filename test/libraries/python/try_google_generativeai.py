"""Google's former client over REST (over gRPC, its default, nothing is decoded)."""
import os

import google.generativeai as genai

endpoint = os.environ["PROVIDER_URL"].removeprefix("http://")
genai.configure(api_key="k", transport="rest", client_options={"api_endpoint": "http://" + endpoint})
model = genai.GenerativeModel("gemini-2.5-flash")
print(model.generate_content("What is the answer?").text)
print([chunk.text for chunk in model.generate_content("What is the answer?", stream=True)])
