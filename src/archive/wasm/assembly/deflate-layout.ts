// Memory map of an instance that compresses, and the alphabets of RFC 1951. All addresses are bytes.

export const LITERAL_CODES: u32 = 288;
export const DISTANCE_CODES: u32 = 30;
export const LENGTH_CODES: u32 = 29;
export const PRECODE_CODES: u32 = 19;
export const END_OF_BLOCK: u32 = 256;
export const MIN_MATCH: u32 = 3;
export const MAX_MATCH: u32 = 258;
export const WINDOW_SIZE: u32 = 32768;
export const MAX_CHUNK: u32 = 1 << 20;

/** How often each symbol occurs in the block, 32 bits each. */
export const LITERAL_COUNTS: usize = 0x1000;
export const DISTANCE_COUNTS: usize = 0x1480;
export const PRECODE_COUNTS: usize = 0x1500;
/** Codes of the block: the reversed code word, and its length from bit 16 on. */
export const LITERAL_CODE: usize = 0x1600;
export const DISTANCE_CODE: usize = 0x1a80;
export const PRECODE_CODE: usize = 0x1b00;
export const STATIC_LITERAL_CODE: usize = 0x1c00;
export const STATIC_DISTANCE_CODE: usize = 0x2080;
/** By match length: the length code, 8 bits, counted from 0. */
export const LENGTH_SYMBOL: usize = 0x2100;
/** By length code: its first length, 16 bits, and its extra bits, 8 bits. */
export const LENGTH_BASE: usize = 0x2240;
export const LENGTH_EXTRA: usize = 0x2280;
/** By match length, for the block: code word with extra bits, and their number from bit 24 on. */
export const LENGTH_WORD: usize = 0x2300;
/** Work space of the code builder. */
export const SORT_KEYS: usize = 0x2800;
export const SORT_OTHER: usize = 0x2d00;
export const SORT_COUNTS: usize = 0x3200;
export const NODE_WEIGHTS: usize = 0x3600;
export const NODE_PARENTS: usize = 0x3f00;
/** The code lengths of a block header as precode symbols: symbol, and its extra value from bit 8 on; 16 bits each. */
export const PRECODE_RUNS: usize = 0x4400;
/** Observations of the block and of what came since the last look; 32 bits each. */
export const OBSERVED: usize = 0x4800;
export const OBSERVED_NEW: usize = 0x4840;

/** By hash of three bytes: low 16 bits of the last address that has it. */
export const HEAD3: usize = 0x8000;
export const HEAD3_BITS: u32 = 15;
/** The same for four bytes. */
export const HEAD4: usize = 0x18000;
export const HEAD4_BITS: u32 = 16;
/** By address modulo the window: how far back the last address with the same hash of four bytes is, minus 1; 16 bits. */
export const CHAIN: usize = 0x38000;
/** The block's sequences, 64 bits each: literals before the match, match length from bit 32 on, distance from bit 48 on. */
export const SEQUENCES: usize = 0x48000;
export const MAX_SEQUENCES: usize = 32768;
/** The dictionary ends, and the chunk begins, at CHUNK. */
export const CHUNK: usize = 0x90000;
/** Room for a chunk that does not compress, and for its block headers. */
export const OUTPUT: usize = 0x191000;
export const MEMORY_END: usize = 0x2a1000;
