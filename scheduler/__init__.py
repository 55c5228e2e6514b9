"""What happens: plans, runs, engines, environments and GPU shares."""
