/** Who may do what with a request, on a server with accounts where nobody approves their own. */
import { accessible, pictured } from "./look";
import { asRoot, expect, goAs, PASSWORD, test } from "./guarded";
import type { Alma } from "./server";

const TINY = { name: "tiny", resources: [{ name: "box", type: "vm" }] };

/** A request that somebody opened; its id. */
async function openedBy(alma: Alma, name: string, title: string): Promise<number> {
  const { access_token } = await alma.call<{ access_token: string }>("POST", "/auth/login", {
    username: name,
    password: PASSWORD,
  });
  const as = { Authorization: `Bearer ${access_token}` };
  const { id } = await alma.call<{ id: number }>("POST", "/blueprints", TINY, as);
  const ipr = await alma.call<{ id: number }>("POST", "/iprs", { title, blueprint_id: id }, as);
  return ipr.id;
}

test.beforeEach(async ({ alma }) => {
  await asRoot(alma, "PATCH", "/projects/default", { rules: { author_may_approve: false } });
});

test("nobody approves their own request, and the page says why", async ({ page, alma }) => {
  const ipr = await openedBy(alma, "admin", "My own");
  await goAs(page, "admin", `/iprs/${ipr}`);
  await expect(page.getByRole("note", { name: "You can't approve this" })).toContainText(
    `IPR ${ipr} was opened by`,
  );
  const decision = page.getByRole("complementary", { name: "Decision" });
  await expect(decision.getByRole("button", { name: "Withdraw", exact: true })).toBeVisible();
  await expect(decision.getByRole("button", { name: /Approve/ })).toHaveCount(0);
  await accessible(page);
  await pictured(page, "request-own");
  await page.getByRole("link", { name: "All requests", exact: true }).click();
  await expect(page.getByRole("link", { name: "My own", exact: true })).toBeVisible();
  await page
    .getByRole("radiogroup", { name: "Whose requests" })
    .getByText("Needs my review", { exact: true })
    .click();
  await expect(page.getByText("Nothing waits for your word")).toBeVisible();
});

test("whoever approves may not start it, and whoever may start it sees that it is ready", async ({
  page,
  alma,
  browser,
}) => {
  const ipr = await openedBy(alma, "editor", "Shared work");
  const decision = page.getByRole("complementary", { name: "Decision" });
  await goAs(page, "approver", `/iprs/${ipr}`);
  await expect(decision.getByRole("button", { name: "Withdraw", exact: true })).toHaveCount(0);
  await decision.getByRole("button", { name: "Approve", exact: true }).click();
  await expect(
    page.getByRole("region", { name: "Facts" }).getByText("approved", { exact: true }),
  ).toBeVisible();
  await expect(decision.getByRole("button", { name: "Deploy", exact: true })).toHaveCount(0);

  const other = await browser.newPage({ baseURL: alma.url });
  await goAs(other, "operator", `/iprs/${ipr}`);
  await expect(other.getByRole("heading", { name: "Ready to deploy", exact: true })).toBeVisible();
  await expect(other.getByRole("button", { name: "Approve", exact: true })).toHaveCount(0);
  await expect(other.getByRole("button", { name: "Deploy", exact: true })).toBeVisible();
  await other.close();
});

test("who may only look is offered nothing to do", async ({ page, alma }) => {
  const ipr = await openedBy(alma, "editor", "To be looked at");
  await goAs(page, "viewer", `/iprs/${ipr}`);
  const decision = page.getByRole("complementary", { name: "Decision" });
  await expect(decision).toContainText("1 approval");
  await expect(decision.getByRole("button")).toHaveCount(0);
  await expect(page.getByRole("button", { name: /^Waive / })).toHaveCount(0);
});
