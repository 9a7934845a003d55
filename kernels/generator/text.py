"""Lines of assembler, as the parts of a kernel emit them."""


class Text:
    def __init__(self):
        self.lines = []

    def ref(self, name):
        """The label `name` of this kernel: unique in the file."""
        raise NotImplementedError

    def emit(self, *texts):
        self.lines += ["\t" + text for text in texts]

    def label(self, name):
        self.lines.append(self.ref(name) + ":")
