/** Which tools have a view of their own, and what of the answer it shows; the rest is shown as it comes. */
import type { ReactNode } from "react";
import type { Answer } from "@/lib/answer";
import type { Moment } from "@/lib/series";
import { CapacityView } from "./Capacity";
import { ComparisonView } from "./Comparison";
import { EstimateView, SavingsView } from "./Costs";
import { DeploymentView } from "./Deployment";
import { DesignsView } from "./Designs";
import { ForecastsView } from "./Forecasts";
import { SecurityView } from "./Security";

export interface View {
  show: (answer: Answer, given: Answer) => ReactNode;
  /** What needs not be shown again. */
  handled: readonly string[];
}

const SECURITY: View = {
  show: (answer) => <SecurityView answer={answer} />,
  handled: [
    "security_score",
    "coverage",
    "by_severity",
    "compliance",
    "vulnerabilities",
    "findings",
    "standards",
    "left_out",
  ],
};

export const VIEWS: Readonly<Partial<Record<string, View>>> = {
  estimate_resources: {
    show: (answer) => <EstimateView answer={answer} />,
    handled: ["totals", "costs", "monthly_cost", "cheapest"],
  },
  optimize_costs: {
    show: (answer) => <SavingsView answer={answer} />,
    handled: [
      "original_cost",
      "optimized_cost",
      "savings",
      "savings_percentage",
      "measures",
      "recommendations",
      "target_cost",
      "target_met",
      "uncounted",
    ],
  },
  calculate_capacity: {
    show: (answer) => <CapacityView answer={answer} />,
    handled: ["requests_per_second", "resources", "enough", "missing", "enough_for_days", "time_horizon"],
  },
  forecast_metrics: {
    show: (answer, given) => <ForecastsView answer={answer} history={historyIn(given)} />,
    handled: ["forecasts", "forecast_period", "confidence_level"],
  },
  suggest_architecture: {
    show: (answer) => <DesignsView answer={answer} />,
    handled: ["designs", "recommended"],
  },
  security_audit: SECURITY,
  check_compliance: SECURITY,
  generate_deployment_plan: {
    show: (answer) => <DeploymentView answer={answer} />,
    handled: [
      "strategy",
      "engine",
      "ready",
      "destructive",
      "estimated_duration",
      "pre_checks",
      "waves",
      "steps",
      "post_checks",
      "rollback",
    ],
  },
  compare_blueprints: {
    show: (answer) => <ComparisonView answer={answer} />,
    handled: [
      "identical",
      "added",
      "removed",
      "renamed",
      "modified",
      "unchanged",
      "differences",
      "cost",
      "risk",
    ],
  },
};

function historyIn(given: Answer): Moment[] {
  return Array.isArray(given.historical_data) ? (given.historical_data as Moment[]) : [];
}
