/// Which rules an input is decided by. Each input's record carries the number, and it is decided again under that number
/// for ever: what changes holds for inputs from then on, and no history is rewritten.
public enum DecisionRules: Int, Sendable, Comparable {
    /// Of records that carry no number.
    case first = 1
    /// Waiting events cost one record when their waiting begins and one when it ends; a retry of a start computes the
    /// data anew, a retry of an `always` tries it; results are kept with their machines; a step that would grow too large
    /// goes on in another one.
    case second = 2
    /// Numbers keep their digits wherever they are only moved, and integers of any length are ids and correlations.
    case third = 3

    /// What inputs are decided by from now on.
    public static let present = DecisionRules.third

    public static func < (left: DecisionRules, right: DecisionRules) -> Bool { left.rawValue < right.rawValue }
}
