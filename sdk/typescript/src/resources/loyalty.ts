import type { Http, RequestOptions } from '../http.js';
import { type JournalPage, journalPage } from '../journal.js';
import type { ListBody } from '../list.js';
import { Resource } from '../resource.js';
import type { Deleted } from '../types/common.js';
import type * as K from '../types/keys.js';
import type * as A from '../types/loyalty.js';

/** Members. */
export class Accounts extends Resource {
  /** Enrols a member; a second one for a customer is a `ConflictError`, whose `account` is the first. */
  readonly create = this.creates<A.AccountCreateParams, A.Account>();
  readonly retrieve = this.retrieves<A.Account>();
  /** Links a customer or an email, or changes metadata. */
  readonly update = this.updates<A.AccountUpdateParams, A.Account>();
  readonly list = this.lists<A.AccountListParams, A.Account>();
  /** Retires a member; the history stays. */
  readonly close = this.acts<A.Account>('close');
  readonly reopen = this.acts<A.Account>('reopen');
  /** Makes one member of two, for good; answers the survivor. */
  readonly merge = this.creates<A.AccountMergeParams, A.Account>('/merge');
  /** Erases what identifies the person, and keeps the ledger. */
  readonly erasePersonalData = this.deletes<A.Account>('/personal_data');
  /** A token with which a page shows this member's own balance. */
  readonly createMemberToken = this.actsWith<K.MemberTokenCreateParams, K.MemberToken>('member_token');
}

/** The ledger. */
export class Transactions extends Resource {
  /** Corrects a balance. */
  readonly create = this.creates<A.TransactionCreateParams, A.Transaction>();
  readonly retrieve = this.retrieves<A.Transaction>();
  /** The same with `calculation.explanation`: how it came about, in words. */
  readonly explain = this.retrieves<A.Transaction>('', { expand: ['calculation'] });
  /** A member's transactions, newest first. */
  readonly list = this.listsBy<A.TransactionListParams, A.Transaction>();
}

/** The ledger of store credit. */
export class StoreCreditTransactions extends Resource {
  /** Gives or takes store credit. */
  readonly create = this.creates<A.StoreCreditTransactionCreateParams, A.StoreCreditTransaction>();
  readonly retrieve = this.retrieves<A.StoreCreditTransaction>();
  /** A member's transactions of store credit, newest first. */
  readonly list = this.listsBy<A.StoreCreditTransactionListParams, A.StoreCreditTransaction>();
}

/** Programs. */
export class Programs extends Resource {
  readonly create = this.creates<A.ProgramCreateParams, A.Program>();
  readonly retrieve = this.retrieves<A.Program>();
  readonly update = this.updates<A.ProgramUpdateParams, A.Program>();
  readonly list = this.lists<A.ProgramListParams, A.Program>();
  /** Evaluates the tiers of all members, in the background. */
  readonly evaluateTiers = this.acts<A.TierEvaluation>('tier_evaluation');
  /** How far that is. */
  readonly tierEvaluation = this.retrieves<A.TierEvaluation>('/tier_evaluation');
  /** What is used of its budget in the current window. */
  readonly budget = this.retrieves<A.Budget>('/budget');
  /** Whether its ledger keeps what it promises: how far the audit is, and what it has found. */
  readonly audit = this.retrieves<A.Audit>('/audit');
  /** What the program owes its members. */
  readonly liability = this.retrieves<A.Liability>('/liability');
  /** Counts a hundred members again, after the one that `next` named in the answer before. */
  readonly recount = this.actsWith<A.LiabilityRecountParams, A.LiabilityRecount>('liability/recount');

  /** A part of the journal; `for await` goes through its lines and those of all parts after it. */
  async journal(id: string, params?: A.JournalParams, options?: RequestOptions): Promise<JournalPage> {
    const path = this.one(id, '/journal');
    const { text, response } = await this.http.send({ method: 'GET', path, query: params, options });
    return journalPage(text, response.headers.get('link'), (starting_after) =>
      this.journal(id, { ...params, starting_after }, options),
    );
  }
}

/** Which event gives how many points. */
export class EarningRules extends Resource {
  readonly create = this.creates<A.EarningRuleCreateParams, A.EarningRule>();
  readonly retrieve = this.retrieves<A.EarningRule>();
  readonly update = this.updates<A.EarningRuleUpdateParams, A.EarningRule>();
  readonly list = this.lists<A.EarningRuleListParams, A.EarningRule>();
  /** Makes a rule of each event type, or changes the one that an earlier import made. */
  readonly import = this.creates<A.EarningRuleImportParams, ListBody<A.EarningRule>>('/import');
  /** Deactivates a rule; transactions name it, so it stays to be looked up. */
  readonly delete = this.deletes<A.EarningRule>();
}

/** Members who bring members. */
export class Referrals extends Resource {
  /** A member's code; asked again, it is the same. */
  readonly create = this.creates<A.ReferralCreateParams, A.Referral>();
  readonly retrieve = this.retrieves<A.Referral>();
  readonly list = this.lists<A.ReferralListParams, A.Referral>();
  /** Links a new customer to who brought them. */
  readonly attribute = this.creates<A.ReferralAttributeParams, A.Referral>('/attribute');
}

/** What points buy. */
export class Rewards extends Resource {
  readonly create = this.creates<A.RewardCreateParams, A.Reward>();
  readonly retrieve = this.retrieves<A.Reward>();
  readonly update = this.updates<A.RewardUpdateParams, A.Reward>();
  readonly list = this.lists<A.RewardListParams, A.Reward>();
  /** Deactivates a reward; redemptions name it, so it stays to be looked up. */
  readonly delete = this.deletes<A.Reward>();
  /** Adds codes that redemptions get, each once; those that exist already are told. */
  readonly importCodes = this.actsWith<A.CodeImportParams, A.CodeImport>('codes');
}

/** Members spending points. */
export class Redemptions extends Resource {
  /** Takes the points at once; with `capture: false` they are reserved. */
  readonly create = this.creates<A.RedemptionCreateParams, A.Redemption>();
  readonly retrieve = this.retrieves<A.Redemption>();
  readonly list = this.lists<A.RedemptionListParams, A.Redemption>();
  readonly confirm = this.acts<A.Redemption>('confirm');
  /** Gives the points back, until it is used. */
  readonly cancel = this.acts<A.Redemption>('cancel');
  /** What a code or a redemption is worth for an order; an unknown one is no error. */
  readonly validate = this.creates<A.RedemptionValidateParams, A.RedemptionValidation>('/validate');
  /** Spends a redemption, once. */
  readonly use = this.actsWith<A.RedemptionUseParams, A.Redemption>('use');
  /** The same by its code. */
  readonly useCode = this.creates<A.RedemptionUseCodeParams, A.Redemption>('/use');
}

/** What members reach. */
export class Tiers extends Resource {
  readonly create = this.creates<A.TierCreateParams, A.Tier>();
  readonly retrieve = this.retrieves<A.Tier>();
  readonly update = this.updates<A.TierUpdateParams, A.Tier>();
  readonly list = this.lists<A.TierListParams, A.Tier>();
  readonly delete = this.deletes<Deleted>();
}

/** Named conditions on members. */
export class Segments extends Resource {
  readonly create = this.creates<A.SegmentCreateParams, A.Segment>();
  readonly retrieve = this.retrieves<A.Segment>();
  readonly update = this.updates<A.SegmentUpdateParams, A.Segment>();
  readonly list = this.lists<A.SegmentListParams, A.Segment>();
  readonly delete = this.deletes<Deleted>();
}

/** What other rules would have given. */
export class Simulations extends Resource {
  /** Begun within a minute; retrieve it until its `status` is `finished` or `failed`. */
  readonly create = this.creates<A.SimulationCreateParams, A.Simulation>();
  readonly retrieve = this.retrieves<A.Simulation>();
  readonly list = this.lists<A.SimulationListParams, A.Simulation>();
  /** One that is being run stops. */
  readonly delete = this.deletes<Deleted>();
}

/** Multipliers for a time. */
export class Campaigns extends Resource {
  readonly create = this.creates<A.CampaignCreateParams, A.Campaign>();
  readonly retrieve = this.retrieves<A.Campaign>();
  readonly update = this.updates<A.CampaignUpdateParams, A.Campaign>();
  readonly list = this.lists<A.CampaignListParams, A.Campaign>();
  /** Deactivates a campaign; transactions name it, so it stays to be looked up. */
  readonly delete = this.deletes<A.Campaign>();
  /** What is used of its budget in the current window. */
  readonly budget = this.retrieves<A.Budget>('/budget');
}

const BASE = '/v1/loyalty';

/** Everything below `/v1/loyalty`. */
export class Loyalty {
  readonly accounts: Accounts;
  readonly campaigns: Campaigns;
  readonly earningRules: EarningRules;
  /** The same as `transactions`. */
  readonly pointsTransactions: Transactions;
  readonly programs: Programs;
  readonly redemptions: Redemptions;
  readonly referrals: Referrals;
  readonly rewards: Rewards;
  readonly segments: Segments;
  readonly simulations: Simulations;
  readonly storeCreditTransactions: StoreCreditTransactions;
  readonly tiers: Tiers;
  readonly transactions: Transactions;
  private readonly http: Http;

  constructor(http: Http) {
    this.http = http;
    this.accounts = new Accounts(http, `${BASE}/accounts`);
    this.campaigns = new Campaigns(http, `${BASE}/campaigns`);
    this.earningRules = new EarningRules(http, `${BASE}/earning_rules`);
    this.pointsTransactions = new Transactions(http, `${BASE}/points_transactions`);
    this.programs = new Programs(http, `${BASE}/programs`);
    this.redemptions = new Redemptions(http, `${BASE}/redemptions`);
    this.referrals = new Referrals(http, `${BASE}/referrals`);
    this.rewards = new Rewards(http, `${BASE}/rewards`);
    this.segments = new Segments(http, `${BASE}/segments`);
    this.simulations = new Simulations(http, `${BASE}/simulations`);
    this.storeCreditTransactions = new StoreCreditTransactions(http, `${BASE}/store_credit_transactions`);
    this.tiers = new Tiers(http, `${BASE}/tiers`);
    this.transactions = new Transactions(http, `${BASE}/transactions`);
  }

  /** What an event would give, and why; nothing is written. */
  estimate(params: A.EstimateParams, options?: RequestOptions): Promise<A.Estimate> {
    return this.http.call({ method: 'POST', path: `${BASE}/estimate`, body: params, options });
  }
}
