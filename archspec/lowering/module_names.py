"""Names that torch.nn.Module uses itself: a layer of such a name would break the module (a test asks torch)."""

from __future__ import annotations

# fmt: off
MODULE_NAMES = frozenset({
    "_apply", "_backward_hooks", "_backward_pre_hooks", "_buffers", "_call_impl", "_compiled_call_impl",
    "_forward_hooks", "_forward_hooks_always_called", "_forward_hooks_with_kwargs", "_forward_pre_hooks",
    "_forward_pre_hooks_with_kwargs", "_get_backward_hooks", "_get_backward_pre_hooks", "_get_name",
    "_is_full_backward_hook", "_load_from_state_dict", "_load_state_dict_post_hooks", "_load_state_dict_pre_hooks",
    "_maybe_warn_non_full_backward_hook", "_modules", "_named_members", "_non_persistent_buffers_set", "_parameters",
    "_register_load_state_dict_pre_hook", "_register_state_dict_hook", "_replicate_for_data_parallel",
    "_save_to_state_dict", "_slow_forward", "_state_dict_hooks", "_state_dict_pre_hooks", "_version",
    "_wrapped_call_impl",
    "T_destination", "add_module", "apply", "bfloat16", "buffers", "call_super_init", "children", "compile", "cpu",
    "cuda", "double", "dump_patches", "eval", "extra_repr", "float", "forward", "get_buffer", "get_extra_state",
    "get_parameter", "get_submodule", "half", "ipu", "load_state_dict", "modules", "mtia", "named_buffers",
    "named_children", "named_modules", "named_parameters", "parameters", "register_backward_hook",
    "register_buffer", "register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook",
    "register_full_backward_pre_hook", "register_load_state_dict_post_hook", "register_load_state_dict_pre_hook",
    "register_module", "register_parameter", "register_state_dict_post_hook", "register_state_dict_pre_hook",
    "requires_grad_", "set_extra_state", "set_submodule", "share_memory", "state_dict", "to", "to_empty", "train",
    "training", "type", "xpu", "zero_grad",
})
# fmt: on

OWN_NAMES = frozenset({"archspec_path", "archspec_spec", "checkpointed", "source"})
"""Further names that the modules of archspec use."""

ROW_NAMES = frozenset({"_get_item_by_idx", "append", "extend", "insert", "pop"})
"""Further names that nn.Sequential uses: a module with a layer of such a name is not built as one."""


def why_reserved(name: str) -> str:
    """Return why no layer can have a name; empty if one can."""
    if name in MODULE_NAMES or (name.startswith("__") and name.endswith("__")):
        return "torch.nn.Module has an attribute of that name"
    return "the modules that archspec builds have an attribute of that name" if name in OWN_NAMES else ""
