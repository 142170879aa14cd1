import CLinux

/// How the process treats memory that is free.
public enum SystemMemory {
    /// Large blocks go back to the system as soon as they are free, instead of lying about in the pools of each thread. To
    /// be called once, before there are threads.
    public static func returnFreeBlocks() { procession_return_free_memory() }
}
