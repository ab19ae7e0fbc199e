"""The codes that findings carry today: what each means, why it matters, and what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """One code: a title, why it is a mistake, what to write instead, an example that has it."""

    title: str
    why: str
    fix: str
    bad: str = ""
    good: str = ""


CODES: dict[str, Code] = {
    "CNV001": Code(
        "groups do not divide the channels",
        "A grouped convolution splits its input and output channels into equal parts.",
        "Choose a number that divides both channel counts.",
        "conv: {channels: 64, groups: 3}",
        "conv: {channels: 64, groups: 4}",
    ),
    "CNV004": Code(
        "`padding: same` with a stride",
        "What `same` means beside a stride differs between frameworks, and torch refuses it.",
        "Write the padding: for kernel k and dilation d it is d · (k - 1) / 2.",
        "conv: {channels: 8, kernel: 3, stride: 2, padding: same}",
        "conv: {channels: 8, kernel: 3, stride: 2, padding: 1}",
    ),
    "CNV005": Code(
        "no symmetric padding for an even reach",
        "`padding: auto` keeps a map's size at stride 1, which an even kernel can do only by padding one side more.",
        "Use an odd kernel, or write the padding (`same` pads the end more, `causal` the start).",
        "conv: {channels: 8, kernel: 4}",
        "conv: {channels: 8, kernel: 4, padding: same}",
    ),
    "CNV007": Code(
        "pool padding over half the kernel",
        "Some windows would lie in the padding alone; torch refuses it.",
        "Use at most half the kernel.",
        "max_pool: {kernel: 2, padding: 2}",
        "max_pool: {kernel: 3, padding: 1}",
    ),
    "CNV009": Code(
        "output padding too large",
        "A transposed convolution's output padding must be smaller than its stride or its dilation.",
        "Use an output padding below the stride.",
        "conv_transpose: {channels: 8, kernel: 2, stride: 2, output_padding: 2}",
        "conv_transpose: {channels: 8, kernel: 2, stride: 2, output_padding: 1}",
    ),
    "CNV010": Code(
        "channels do not fit the pixel shuffle",
        "depth_to_space by a factor f turns f² channels of a picture into one.",
        "Give it a number of channels that the factor to the power of the map's axes divides.",
        "depth_to_space: 2   # of 6 channels",
        "depth_to_space: 2   # of 8 channels",
    ),
    "NRM004": Code(
        "groups do not divide the channels",
        "Group norm splits the channels into equal groups (Wu & He 2018).",
        "Choose a number of groups that divides the channels.",
        "group_norm: 32   # of 48 channels",
        "group_norm: 16   # of 48 channels",
    ),
    "NRM007": Code(
        "instance norm over one value",
        "Instance norm takes mean and variance over a channel's map, and here the map is a single value.",
        "Put it before the map shrinks to 1×1, or use another norm.",
    ),
    "ATT001": Code(
        "heads do not divide the width",
        "Attention splits the width of its queries, keys and values into equal heads.",
        "Choose a number of heads that divides the width (and kv_heads that divide heads).",
        "self_attention: {heads: 5}   # of 64 channels",
        "self_attention: {heads: 8}   # of 64 channels",
    ),
    "FIL001": Code(
        "the file is not there", "The path, or the name of a gallery spec, leads nowhere.", "Check the name."
    ),
    "FIL002": Code("a directory", "One spec is wanted, and the path is a directory.", "Name a file in it."),
    "FIL003": Code("the file cannot be read", "It is no regular file, or may not be read.", "Check its permissions."),
    "FIL004": Code("not a text", "A spec is UTF-8 text, and this file holds other bytes.", "Save it as UTF-8."),
    "GRF002": Code(
        "a circle",
        "A spec extends itself, a network or a block holds itself without end, or a parameter uses a later one.",
        "Break the circle; a block may use itself under a `when` that comes to be false.",
    ),
    "RES001": Code(
        "identity shortcut where the channels differ",
        "An added shortcut and the body must have equal shapes; the body changes the number of channels.",
        "Use `shortcut: projection` (or pad_shortcut), or make the channels equal.",
        "residual: {shortcut: identity, body: [{conv: 128}]}   # of 64 channels",
        "residual: {shortcut: projection, body: [{conv: 128}]}",
    ),
    "RES002": Code(
        "the shortcut is not strided like its body",
        "The body makes the map smaller (or larger), and the shortcut does not.",
        "Use `shortcut: projection`, which takes the body's stride, or stride your own shortcut alike.",
        "residual: {shortcut: identity, body: [{conv: {channels: 64, stride: 2}}]}",
        "residual: {shortcut: projection, body: [{conv: {channels: 64, stride: 2}}]}",
    ),
    "SHP001": Code(
        "shapes that cannot be added",
        "add needs equal shapes.",
        "Make channels and sizes equal: a 1x1 convolution changes channels; resize or fit changes sizes.",
    ),
    "SHP002": Code(
        "shapes that cannot be joined",
        "concat needs equal sizes along all axes but the one it joins.",
        "Pad or crop one of them (`fit`), or choose an input size that halves evenly.",
    ),
    "SHP006": Code(
        "nothing is left of the map",
        "Strides and kernels have made the map smaller than 1.",
        "Use fewer strides, a smaller kernel, or a larger input.",
    ),
    "SHP007": Code(
        "shared weights that do not fit",
        "A layer that shares another's tensors needs them in the shapes it would have itself.",
        "Give both layers the same input and output channels.",
    ),
    "SHP009": Code(
        "an add that torch would broadcast",
        "torch stretches axes of size 1 silently, which is seldom what an add is meant to do.",
        "Make the shapes equal, or say `broadcast: true`.",
    ),
    "SHP010": Code(
        "an op that does not take this kind of value",
        "The op needs a map, tokens or a vector of some rank, and gets another, or a tuple where one value is needed.",
        "to_tokens, to_map, flatten and global_avg_pool go from one kind to another; name[0] takes one of a tuple.",
    ),
    "SHP012": Code(
        "reflect padding too large",
        "A map can be reflected at its border only by less than its size, and wrapped around by its size.",
        "Pad less, or with zeros.",
    ),
    "SPC001": Code("unknown key", "The key, argument or parameter has no meaning here.", "Check its spelling."),
    "SPC002": Code("wrong type", "The value is not of the kind that is needed here.", "See what was expected."),
    "SPC003": Code("duplicate key", "YAML would silently keep the last of two equal keys.", "Keep one of the two."),
    "SPC004": Code(
        "YAML reads this otherwise than it looks",
        "`on` is a text, `{channels: max(8, w)}` two keys, and `[enc1, s[1]]` does not parse.",
        "Put quotes around an expression with , [ ] { } in a flow mapping; write true and false.",
        "conv: {channels: max(8, width)}",
        'conv: {channels: "max(8, width)"}',
    ),
    "SPC005": Code(
        "unresolved name",
        "No op, block, parameter or earlier layer has this name.",
        "Check its spelling; a layer can only take what comes before it.",
    ),
    "SPC006": Code("unused", "Nothing uses what is declared here.", "Remove it, or use it."),
    "SPC008": Code("bad expression", "The expression cannot be read or has no value.", "See what is wrong with it."),
    "SPC009": Code("missing key", "Something that is needed is not there.", "Add it."),
    "SPC010": Code(
        "two layers with one key",
        "A layer's name is its key in the state_dict, so two cannot share one, and nn.Module's own names are taken.",
        "Give each layer a name of its own.",
    ),
    "SPC011": Code("not YAML", "The text is not YAML 1.2.", "See what is wrong with it."),
    "LIM001": Code("file too large", "A spec has at most 1 MiB.", "Use repeats and blocks."),
    "LIM002": Code("nested too deeply", "Lists and mappings nest 64 deep at most.", "Use blocks."),
    "LIM003": Code("too many nodes", "Aliases written out give more than 100,000 nodes.", "Use repeats and blocks."),
    "LIM004": Code("recursive alias", "An alias stands inside what it stands for.", "Break the circle."),
    "LIM005": Code("repeat too large", "A layer repeats 1,024 times at most.", "Nest two repeats if you mean it."),
    "LIM006": Code("too many layers", "A network has at most 20,000 layers.", "Lower a repeat."),
    "LIM007": Code("dimension too large", "A dimension is at most 2²⁰.", "Check the arithmetic."),
    "LIM008": Code("number too long", "An integer has at most 19 digits.", "Check the number."),
    "LIM009": Code("expression out of bounds", "Expressions are bounded in length, depth and value.", "Use `let`."),
    "LIM010": Code(
        "a file that may not be included",
        "extends and network reach only files under the directory of the first spec, 8 deep at most.",
        "Move the file there, or use a name of the gallery.",
    ),
}
