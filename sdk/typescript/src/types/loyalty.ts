// The names by which code speaks of what the API describes below `/v1/loyalty`.
import type { QueryOf, Schema } from './schema.js';

/** A loyalty program: its currency, settings and rules. */
export interface Program extends Schema<'Program'> {}
/** A new program. */
export interface ProgramCreateParams extends Schema<'ProgramsCreateParams'> {}
/** A change of a program; what is absent stays. */
export interface ProgramUpdateParams extends Schema<'ProgramsUpdateParams'> {}
/** Which programs. */
export interface ProgramListParams extends QueryOf<'programs.list'> {}

/** A member: the link between a customer and a program, with a balance. */
export interface Account extends Schema<'Account'> {}
/** A new member. */
export interface AccountCreateParams extends Schema<'AccountsCreateParams'> {}
/** A change of a member; what is absent stays. */
export interface AccountUpdateParams extends Schema<'AccountsUpdateParams'> {}
/** Which members. */
export interface AccountListParams extends QueryOf<'accounts.list'> {}
/** Which two accounts become one. */
export interface AccountMergeParams extends Schema<'AccountsMergeParams'> {}

/** Which event gives how many points. */
export interface EarningRule extends Schema<'EarningRule'> {}
/** A new rule. */
export interface EarningRuleCreateParams extends Schema<'EarningRulesCreateParams'> {}
/** A change of a rule; what is absent stays. */
export interface EarningRuleUpdateParams extends Schema<'EarningRulesUpdateParams'> {}
/** What event types earn, as Resonance's clients configure it. */
export interface EarningRuleImportParams extends Schema<'EarningRulesImportParams'> {}
/** Which rules. */
export interface EarningRuleListParams extends QueryOf<'earning_rules.list'> {}

/** A multiplier for a while, or at certain hours. */
export interface Campaign extends Schema<'Campaign'> {}
/** A new campaign. */
export interface CampaignCreateParams extends Schema<'CampaignsCreateParams'> {}
/** A change of a campaign; what is absent stays. */
export interface CampaignUpdateParams extends Schema<'CampaignsUpdateParams'> {}
/** Which campaigns. */
export interface CampaignListParams extends QueryOf<'campaigns.list'> {}
/** What is used of a budget in its current window. */
export interface Budget extends Schema<'Budget'> {}

/** An event that has not happened, and whose it would be. */
export interface EstimateParams extends Schema<'EstimateCreateParams'> {}
/** What it would give, rule by rule. */
export interface Estimate extends Schema<'Estimate'> {}

/** A level that members reach. */
export interface Tier extends Schema<'Tier'> {}
/** A new tier. */
export interface TierCreateParams extends Schema<'TiersCreateParams'> {}
/** A change of a tier; what is absent stays. */
export interface TierUpdateParams extends Schema<'TiersUpdateParams'> {}
/** Which tiers. */
export interface TierListParams extends QueryOf<'tiers.list'> {}
/** How far the evaluation of all members is. */
export interface TierEvaluation extends Schema<'TierEvaluation'> {}

/** A named condition on members. */
export interface Segment extends Schema<'Segment'> {}
/** A new segment. */
export interface SegmentCreateParams extends Schema<'SegmentsCreateParams'> {}
/** A change of a segment; what is absent stays. */
export interface SegmentUpdateParams extends Schema<'SegmentsUpdateParams'> {}
/** Which segments. */
export interface SegmentListParams extends QueryOf<'segments.list'> {}

/** Events of the past under other rules. */
export interface Simulation extends Schema<'Simulation'> {}
/** A new simulation. */
export interface SimulationCreateParams extends Schema<'SimulationsCreateParams'> {}
/** Which simulations. */
export interface SimulationListParams extends QueryOf<'simulations.list'> {}

/** One immutable entry of the ledger. */
export interface Transaction extends Schema<'Transaction'> {}
/** How the points of a transaction came about. */
export interface Calculation extends Schema<'Calculation'> {}
/** A correction of a balance. */
export interface TransactionCreateParams extends Schema<'TransactionsCreateParams'> {}
/** One immutable entry of the ledger of store credit. */
export interface StoreCreditTransaction extends Schema<'StoreCreditTransaction'> {}
/** Store credit given or taken. */
export interface StoreCreditTransactionCreateParams extends Schema<'StoreCreditTransactionsCreateParams'> {}
/** Which transactions of store credit. */
export interface StoreCreditTransactionListParams extends QueryOf<'store_credit_transactions.list'> {}
/** Which transactions. */
export interface TransactionListParams extends QueryOf<'transactions.list'> {}

/** What points buy. */
export interface Reward extends Schema<'Reward'> {}
/** A new reward. */
export interface RewardCreateParams extends Schema<'RewardsCreateParams'> {}
/** A change of a reward; what is absent stays. */
export interface RewardUpdateParams extends Schema<'RewardsUpdateParams'> {}
/** Which rewards. */
export interface RewardListParams extends QueryOf<'rewards.list'> {}
/** Codes to issue with a reward. */
export interface CodeImportParams extends Schema<'RewardsImportCodesParams'> {}
/** What became of them. */
export interface CodeImport extends Schema<'CodeImport'> {}

/** A member spending points. */
export interface Redemption extends Schema<'Redemption'> {}
/** What to spend points on. */
export interface RedemptionCreateParams extends Schema<'RedemptionsCreateParams'> {}
/** Which redemptions. */
export interface RedemptionListParams extends QueryOf<'redemptions.list'> {}
/** What is shown at a checkout, and for which order. */
export interface RedemptionValidateParams extends Schema<'RedemptionsValidateParams'> {}
/** What it is worth for that order. */
export interface RedemptionValidation extends Schema<'RedemptionValidation'> {}
/** What a redemption is used for. */
export interface RedemptionUseParams extends Schema<'RedemptionsUseParams'> {}
/** Which code is used, and what for. */
export interface RedemptionUseCodeParams extends Schema<'RedemptionsUseCodeParams'> {}

/** A member's code, or what came of it for one referee. */
export interface Referral extends Schema<'Referral'> {}
/** What both sides of a referral get. */
export type ReferralReward = NonNullable<Referral['reward']>;
/** What a referee must do for a referral to convert. */
export type QualifyRule = NonNullable<Referral['qualify']>;
/** Whose code to make, and what overrides the program. */
export interface ReferralCreateParams extends Schema<'ReferralsCreateParams'> {}
/** Who came by a code, or by a click on the landing page. */
export interface ReferralAttributeParams extends Schema<'ReferralsAttributeParams'> {}
/** Which referrals. */
export interface ReferralListParams extends QueryOf<'referrals.list'> {}

/** How far the audit of a program is, and what it has found. */
export interface Audit extends Schema<'Audit'> {}

/** What a program owes its members. */
export interface Liability extends Schema<'Liability'> {}
/** Which part of a journal. */
export interface JournalParams extends QueryOf<'programs.journal'> {}
/** A transaction as it is booked. */
export interface JournalLine extends Schema<'JournalLine'> {}
/** Which members to count again. */
export interface LiabilityRecountParams extends Schema<'ProgramsRecountParams'> {}
/** What came of counting members again. */
export interface LiabilityRecount extends Schema<'LiabilityRecount'> {}
