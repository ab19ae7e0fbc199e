"""Work on a design in a process of its own: told as it goes on, ended when it must be."""
