"""DSPy: Predict and ChainOfThought."""
import os

import dspy

model = dspy.LM(
    "openai/gpt-4o-mini", api_base=os.environ["PROVIDER_URL"] + "/v1", api_key="k", cache=False, num_retries=0
)
dspy.configure(lm=model)
said = "[[ ## answer ## ]]\nforty-two\n\n[[ ## completed ## ]]"
print(dspy.Predict("question -> answer")(question=f"<<say: {said}>>").answer)
said = "[[ ## reasoning ## ]]\nbecause\n\n" + said
result = dspy.ChainOfThought("question -> answer")(question=f"<<say: {said}>>")
print(result.reasoning, result.answer)
