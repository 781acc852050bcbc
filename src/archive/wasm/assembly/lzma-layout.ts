// Memory map of an instance that decodes. All addresses are bytes.

/** Probabilities, 16 bits each. */
export const PROBS: usize = 0x1000;
/** Sixteen tables of 256 entries of 64 bits. */
export const CRC64_TABLES: usize = 0x10000;
/** One chunk of compressed input (64 KiB), and room for a symbol that reads past its end. */
export const INPUT: usize = 0x20000;
/** The dictionary; at least 16-byte aligned, since its addresses stand for positions in alignment contexts. */
export const WINDOW: usize = 0x31000;
/** Bytes behind the window that a match copy in steps of eight may spill into. */
export const WINDOW_SLACK: usize = 32;

// Indexes into the probabilities, in the terms of the LZMA specification.
export const IS_MATCH: usize = 0;
export const IS_REP: usize = 192;
export const IS_REP_G0: usize = 204;
export const IS_REP_G1: usize = 216;
export const IS_REP_G2: usize = 228;
export const IS_REP0_LONG: usize = 240;
export const DISTANCE_SLOT: usize = 432;
export const DISTANCE_SPECIAL: usize = 688;
export const DISTANCE_ALIGN: usize = 804;
export const LENGTH: usize = 820;
export const REP_LENGTH: usize = 1336;
export const LITERAL: usize = 1852;
// Indexes within a length coder, whose first two are the choices.
export const LENGTH_LOW: usize = 2;
export const LENGTH_MID: usize = 130;
export const LENGTH_HIGH: usize = 258;
