"""The edge towards the SDK: the only modules that know aiodocker. Typed calls inwards, AlmaErrors outwards."""
