//! Declarations that say too little, or that nothing uses.
