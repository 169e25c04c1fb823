"""What offers can be asked to do; import each module by its name."""
