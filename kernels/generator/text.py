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

    def emitted(self, emit):
        """What `emit` emits, instead of emitting it."""
        before, self.lines = self.lines, []
        emit()
        lines, self.lines = self.lines, before
        return [line.strip() for line in lines]
