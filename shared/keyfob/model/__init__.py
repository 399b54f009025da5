"""What exists: frozen facts that know neither AWS nor HTTP."""
