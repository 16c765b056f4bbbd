"""A model in the process, with the two methods of gpt4all that matter: the real one is 60 MB and a file of weights."""


class GPT4All:
    def __init__(self, model_name):
        self.config = {"filename": model_name}
        self.model = self

    def generate(self, prompt, **settings):
        return "SECRETANSWER"
