"""A model in the process, with what OpenLIT's SDK asks of gpt4all: the real one is 60 MB and a file of weights."""


class Weights:
    def __init__(self, path):
        self.model_path = path


class GPT4All:
    def __init__(self, path):
        # A version of another shape, where the SDK's wrapper fails before it has called anything.
        self.model = Weights(path) if path else None

    def generate(self, prompt, **settings):
        """Answers."""
        if prompt == "fail":
            raise ValueError("SECRETFAULT")
        return "SECRETANSWER"
