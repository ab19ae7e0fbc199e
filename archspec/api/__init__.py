"""The public functions that take a design, as `archspec.<name>`: each composes the rooms that it needs.

The first argument of all of them is a `Design`: a path or a name of the gallery, a Spec, or a Graph. `variant` and
further keywords, which override the spec's parameters, belong to a path or name. A parameter that is called like an
argument of the function can be set by `archspec.load(name, **params)`.

All raise SpecError for a spec that is wrong, and ValueError for an argument that is; each names what else it raises.

Everything is imported where it is used: a program pays only for what it calls, and torch is imported only to build or
run.
"""
