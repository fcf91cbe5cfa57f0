"""The nouns: Platform, Assembly, Proof, Plan, Run. Frozen data with one codec; no behaviour that reads or writes."""
