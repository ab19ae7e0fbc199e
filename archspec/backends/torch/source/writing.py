"""The source of one class: constructor, registrations, forward."""

from __future__ import annotations

from msgspec import Struct

from archspec.backends.torch.source.classes import Families, Family, together
from archspec.backends.torch.source.expressions import (
    BareTensor,
    BlockModule,
    ConstructorCall,
    LayerTensor,
    ModuleExpression,
    ModuleRow,
    is_name,
)
from archspec.backends.torch.source.plan import ClassPlan, Registration, reached, tensor_of
from archspec.backends.torch.source.repeats import alone, counted, counting, folded, growing, looped, pairs
from archspec.backends.torch.source.values import EMPTY, Arguments, literal, requoted
from archspec.backends.torch.source.wrapping import split, wrapped

Alike = list[ModuleExpression]  # the same expression in every body of a class


class ClassWriter(Struct):
    """Writes one class and finds its parameters."""

    family: Family
    families: Families
    arguments: Arguments

    @property
    def plan(self) -> ClassPlan:
        return self.family.plans[0]

    def write(self) -> str:
        """Return the class in lines of at most 120 characters; its parameters are stored in the family."""
        # First, since writing the registrations finds the parameters that the head lists.
        body = self._registrations()
        self.family.arguments = self.arguments.ordered()
        base = "nn.Sequential" if self.plan.sequential else "nn.Module"
        lines = [f"class {self.family.name}({base}):", f'    """{_about(self.plan)}"""', "", *self._head(), *body]
        if not self.plan.sequential:
            lines.extend(["", *self._forward()])
        return "\n".join(part for line in lines for part in wrapped(line)) + "\n"

    def _head(self) -> list[str]:
        words = ["self"]
        for argument in self.family.arguments:
            default = "" if argument.default is EMPTY else f" = {literal(argument.default)}"
            words.append(f"{argument.name}: {argument.annotation}{default}")
        head = [f"    def __init__({', '.join(words)}) -> None:"]
        # With numbered children, the call of super().__init__ is the first registration, which passes them.
        return head if self.plan.sequential and self.plan.numbered else [*head, "        super().__init__()"]

    def _registrations(self) -> list[str]:
        rows = [list(column) for column in zip(*(plan.entries for plan in self.family.plans), strict=True)]
        texts = [self._text([e.made for e in row if e.made is not None], row[0].name) for row in rows]
        first = [row[0] for row in rows]
        lines, place = [], 0
        if self.plan.sequential and self.plan.numbered:
            lines, place = [f"super().__init__({', '.join(folded(texts))})"], len(texts)
        while place < len(texts):
            count = _loop(first[place:], texts[place:])
            lines.extend(self._loop_lines(first[place], texts[place : place + count]))
            place += count
        lines.extend([*self.plan.initial, *self._shared(), *self.families.whole(self.plan)])
        return [f"        {line}" for line in lines]

    def _loop_lines(self, entry: Registration, texts: list[str]) -> list[str]:
        holder = reached(self.plan, entry.holder)
        if len(texts) == 1:
            return [_registered(holder, entry.name, texts[0], isinstance(entry.made, BareTensor | LayerTensor))]
        name, made = counting(entry.name), growing(texts[0], texts[1])
        return [f"for index in range({len(texts)}):", f"    {holder}.add_module({name}, {made})"]

    def _shared(self) -> list[str]:
        modules, tensors = self.plan.links
        lines = []
        for mine, theirs in [*modules, *tensors]:
            holder, _, name = mine.rpartition(".")
            owner, _, other = theirs.rpartition(".")
            is_module = (mine, theirs) in modules
            other = reached(self.plan, theirs) if is_module else tensor_of(reached(self.plan, owner), other)
            lines.append(_registered(reached(self.plan, holder), name, other, not is_module))
        return lines

    def _text(self, made: Alike, owner: str) -> str:
        """Return the expression that makes a module or tensor, with literals or parameters for its values."""
        first = made[0] if made else None
        if isinstance(first, ConstructorCall):
            return self._call([m for m in made if isinstance(m, ConstructorCall)], owner)
        if isinstance(first, BlockModule):
            return self._block([m for m in made if isinstance(m, BlockModule)], owner)
        if isinstance(first, ModuleRow):
            return self._row([m for m in made if isinstance(m, ModuleRow)], owner)
        if isinstance(first, LayerTensor):
            return f"{self._call([m.made for m in made if isinstance(m, LayerTensor)], owner)}.{first.tensor}"
        if isinstance(first, BareTensor):
            shapes = zip(*(m.shape for m in made if isinstance(m, BareTensor)), strict=True)
            sizes = [self.arguments.text(sizes, "channels", owner) for sizes in shapes]
            return f"nn.Parameter({first.fill.format(', '.join(sizes))})"
        return "nn.Module()"

    def _call(self, calls: list[ConstructorCall], owner: str) -> str:
        words: list[str] = []
        for place, (name, values, default) in enumerate(together(calls)):
            text = self.arguments.text(values, name, owner, default)
            words.append(text if place < calls[0].positional else f"{name}={text}")
        return f"{calls[0].name}({', '.join(words)})"

    def _block(self, blocks: list[BlockModule], owner: str) -> str:
        family = self.families.family_of(blocks[0].body)
        given = [family.values_of(block.body) for block in blocks]
        words = []
        for argument in family.arguments:
            values = tuple(arguments[argument.name] for arguments in given)
            text = self.arguments.text(values, argument.name, owner, argument.default)
            if argument.default is EMPTY:
                words.append(text)
            elif text != literal(argument.default):
                words.append(f"{argument.name}={text}")
        return f"{family.name}({', '.join(words)})"

    def _row(self, rows: list[ModuleRow], owner: str) -> str:
        names = rows[0].names or tuple(str(number) for number in range(len(rows[0].children)))
        columns = zip(*(row.children for row in rows), strict=True)
        texts = [self._text(list(column), name) for name, column in zip(names, columns, strict=True)]
        if rows[0].names:
            return f"{rows[0].target}(OrderedDict([{alone(pairs(names, texts))}]))"
        items = folded(texts)
        if rows[0].target == "nn.Sequential":
            return f"nn.Sequential({', '.join(items)})"
        return f"{rows[0].target}([{alone(items)}])"

    def _forward(self) -> list[str]:
        head, *lines = self.plan.forward.splitlines()
        ports = [port.strip() for port in split(head.partition("(")[2].rpartition(")")[0])[1:]]
        words = ["self"]
        for number, port in enumerate(ports):
            known = all(plan.body.inputs[number].known for plan in self.family.plans)
            words.append(f"{port}: Tensor" + ("" if known else " | None"))
        result = "Tensor" if len(self.plan.body.outputs) == 1 else "tuple[Tensor, ...]"
        result = "dict[str, Tensor]" if self.plan.program.outputs else result
        # Of lists alone, whose elements forward calls one by one; an nn.Sequential is called as a whole.
        sizes = {
            f"{reached(self.plan, e.holder)}.{e.name}": len(e.made.children)
            for e in self.plan.entries
            if isinstance(e.made, ModuleRow) and e.made.target == "nn.ModuleList"
        }
        body = looped([requoted(line.strip()) for line in lines], sizes, ports)
        return [f"    def forward({', '.join(words)}) -> {result}:", *(f"        {line}" for line in body)]


def _registered(holder: str, name: str, text: str, bare: bool) -> str:
    if is_name(name):
        return f"{holder}.{name} = {text}"
    return f"{holder}.{'register_parameter' if bare else 'add_module'}({literal(name)}, {text})"


def _loop(entries: list[Registration], texts: list[str]) -> int:
    """Return how many registrations from the first on fit into a loop."""
    alike = 0
    while alike < len(entries) and entries[alike].holder == entries[0].holder and _is_module(entries[alike]):
        alike += 1
    return counted([entry.name for entry in entries[:alike]], texts[:alike]) if alike else 1


def _is_module(entry: Registration) -> bool:
    return entry.made is not None and not isinstance(entry.made, BareTensor | LayerTensor)


def _about(plan: ClassPlan) -> str:
    name = "".join(c if c.isprintable() and c not in '\\"' else "_" for c in plan.body.block)
    return f"The network {name}." if plan.network else f"The block {name}."
