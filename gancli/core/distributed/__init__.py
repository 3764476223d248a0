"""Several devices and several machines: strategy, cluster, rendezvous and authentication."""
