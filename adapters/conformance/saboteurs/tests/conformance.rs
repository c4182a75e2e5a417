//! Without its fault, the CRDT of the saboteurs is sound.

deadzone_conformance::suite!(deadzone_saboteurs::sound());
