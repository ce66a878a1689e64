import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Page } from "@playwright/test";
import { account, asRoot, expect, goAs, grant, KEY, PASSWORD, signIn, test } from "./guarded";
import { accessible, faultsOf, pictured, toastsOf } from "./look";
import { Alma } from "./server";

const members = (page: Page) => page.getByRole("heading", { name: "Members", level: 1, exact: true });

const NEXT = "four other words by now";

test("a link leads where it was meant to, once one is in", async ({ page }) => {
  const faults = faultsOf(page);
  await page.goto("/settings/members?from=a-colleague");
  await expect(page.getByRole("heading", { name: "Sign in to ALMA" })).toBeVisible();
  await accessible(page);
  await pictured(page, "sign-in");
  await signIn(page, "admin");
  await expect(members(page)).toBeVisible();
  await expect(page).toHaveURL(/\/settings\/members\?from=a-colleague$/);
  await page.reload();
  await expect(members(page)).toBeVisible();
  expect(faults).toEqual([]);
});

test("a wrong password is told of, and who tries too often sees how long to wait", async ({ page, alma }) => {
  await account(alma, "hasty");
  await page.clock.install();
  await page.goto("/");
  await signIn(page, "hasty", "not the right one");
  await expect(
    page.getByRole("alert").filter({ hasText: "the name or the password is wrong" }),
  ).toBeVisible();
  // As somebody who tries until the server refuses to listen, with a wait that is long enough to be looked at: its own,
  // which doubles with each failure, may be over at once where everything is slow.
  await page.route("**/auth/login", async (route) => {
    let response = await route.fetch();
    while (response.status() !== 429) response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "retry-after": "600" } });
  });
  await signIn(page, "hasty", "not the right one either");
  await expect(page.getByRole("alert").filter({ hasText: "too many failed attempts" })).toBeVisible({
    timeout: 120_000,
  });
  await expect(page.getByRole("button", { name: /^Wait \d+ s$/ })).toBeDisabled();
  await pictured(page, "sign-in-wait");
  await page.clock.fastForward("10:01");
  await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeEnabled();
});

test("when a sign-in ends, what was typed waits, and what was sent is done after it", async ({
  page,
  alma,
}) => {
  await account(alma, "typist");
  await grant(alma, "typist", "admin");
  await goAs(page, "typist", "/settings/project");
  await page.getByLabel("What people call it").fill("Typed before");
  await asRoot(alma, "PUT", "/accounts/typist/password", { password: NEXT });
  await page.getByRole("button", { name: "Rename", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await expect(dialog).toContainText("Your sign-in has ended.");
  await expect(dialog.getByRole("textbox", { name: "Name" })).toHaveValue("typist");
  await accessible(page);
  await pictured(page, "sign-in-again");
  const toasts = await toastsOf(page);
  await dialog.getByRole("textbox", { name: "Password", exact: true }).fill(NEXT);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByLabel("What people call it")).toHaveValue("Typed before");
  await expect.poll(toasts).toContain("The project has another name.");
  await asRoot(alma, "PATCH", "/projects/default", { name: "Default" });
});

test("somebody else who signs in sees nothing of what was open", async ({ page, alma }) => {
  await goAs(page, "admin", "/settings/project");
  await page.getByLabel("What people call it").fill("Not for others");
  await asRoot(alma, "PUT", "/accounts/admin/password", { password: PASSWORD });
  await page.getByRole("button", { name: "Rename", exact: true }).click();
  await page.getByRole("button", { name: "Leave what was open, and sign in as somebody else" }).click();
  await signIn(page, "viewer");
  await expect(page.getByRole("heading", { name: "Project and rules", level: 1, exact: true })).toBeVisible();
  await expect(page.getByText("Not for others")).toBeHidden();
  await expect(page.getByLabel("What people call it")).toBeHidden();
  const { name } = await asRoot<{ name: string }>(alma, "GET", "/projects/default");
  expect(name).not.toBe("Not for others");
});

test("who signs out on one page is out on all pages of the browser, and in on all again", async ({
  page,
  context,
}) => {
  await goAs(page, "viewer", "/settings/about");
  const other = await context.newPage();
  await other.goto("/settings/members");
  await expect(members(other)).toBeVisible();
  await page.getByRole("button", { name: "Account", exact: true }).click();
  await page.getByRole("menuitem", { name: "Sign out", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Sign in to ALMA" })).toBeVisible();
  await expect(other.getByText("You signed out on another page of this browser.")).toBeVisible();
  await signIn(page, "viewer");
  await expect(members(other)).toBeVisible();
});

test("who holds no role is told whom to ask, and goes on once there is one", async ({ page, alma }) => {
  await account(alma, "newcomer");
  await goAs(page, "newcomer", "/settings/members");
  await expect(page.getByText("You may do nothing here yet")).toBeVisible();
  await accessible(page);
  await pictured(page, "no-role");
  await grant(alma, "newcomer", "viewer");
  await page.getByRole("button", { name: "Look again", exact: true }).click();
  await expect(members(page)).toBeVisible();
});

test("one changes the project by its name, and works there as what one is there", async ({ page, alma }) => {
  const name = "<img src=x onerror=alert(1)> " + "a very long name ".repeat(8).trim();
  await asRoot(alma, "POST", "/projects", { id: "elsewhere", name });
  await account(alma, "traveller");
  await grant(alma, "traveller", "viewer");
  await grant(alma, "traveller", "admin", "elsewhere");
  await goAs(page, "traveller", "/settings/members");
  await expect(page.getByRole("button", { name: "Grant a role", exact: true })).toBeHidden();
  await page.getByRole("combobox", { name: "Project", exact: true }).click();
  await expect(page.getByRole("option", { name: /elsewhere · admin/ })).toContainText("<img src=x");
  await pictured(page, "project-switcher");
  await page.getByRole("option", { name: /elsewhere · admin/ }).click();
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await page.getByRole("link", { name: "Members", exact: true }).click();
  await expect(page.getByRole("button", { name: "Grant a role", exact: true })).toBeVisible();
});

test("one changes one's password, and is told why one is out", async ({ page, alma }) => {
  await account(alma, "careful");
  await grant(alma, "careful", "viewer");
  await goAs(page, "careful", "/settings/account");
  const password = page.getByRole("region", { name: "Password" });
  await password.getByRole("textbox", { name: "Old password" }).fill(PASSWORD);
  await password.getByRole("textbox", { name: "New password", exact: true }).fill("short");
  await password.getByRole("textbox", { name: "New password, once more" }).fill("short");
  await password.getByRole("button", { name: "Change the password", exact: true }).click();
  await expect(password.getByRole("alert").first()).toBeVisible();
  await password.getByRole("textbox", { name: "New password", exact: true }).fill(NEXT);
  await expect(password.getByText("This is not the same")).toBeVisible();
  await password.getByRole("textbox", { name: "New password, once more" }).fill(NEXT);
  await password.getByRole("button", { name: "Change the password", exact: true }).click();
  await expect(page.getByText("Your password is changed. Sign in with the new one.")).toBeVisible();
  await signIn(page, "careful", NEXT);
  await page.getByRole("button", { name: "Sign out everywhere", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out everywhere", exact: true }).click();
  await expect(page.getByText("You are signed out everywhere.")).toBeVisible();
});

test("on a phone, too", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Sign in to ALMA" })).toBeVisible();
  await pictured(page, "phone-sign-in");
});

const PROVIDER = `
import json, sys
from oidc_provider_mock import User, run_server_in_thread
people = json.loads(sys.stdin.readline())
users = [User(sub=sub, claims=claims) for sub, claims in people.items()]
with run_server_in_thread(0, require_nonce=True, user_claims=users) as server:
    print(server.server_port, flush=True)
    sys.stdin.read()
`;

async function provider(people: object): Promise<{ running: ChildProcess; issuer: string }> {
  const python = join(import.meta.dirname, "..", "..", ".venv", "bin", "python");
  const running = spawn(python, ["-c", PROVIDER], { stdio: ["pipe", "pipe", "ignore"] });
  running.stdin.write(`${JSON.stringify(people)}\n`);
  const [port] = (await once(createInterface(running.stdout), "line")) as [string];
  return { running, issuer: `http://localhost:${port}` };
}

test("people come in through their organisation's provider, and end where they wanted to go", async ({
  page,
}) => {
  const { running, issuer } = await provider({
    "subject-1": { preferred_username: "grace", groups: ["reviewers"] },
  });
  const alma = await Alma.started({
    ALMA_API_KEY: KEY,
    ALMA_OIDC_NAME: "company",
    ALMA_OIDC_TITLE: "Company login",
    ALMA_OIDC_ISSUER: issuer,
    ALMA_OIDC_CLIENT_ID: "alma",
    ALMA_OIDC_CLIENT_SECRET: "a-secret-that-nobody-may-see",
    ALMA_OIDC_ROLES_MAP: "reviewers=default:approver",
  });
  try {
    await page.goto(`${alma.url}/settings/audit?action=session.`);
    await page.getByRole("link", { name: "Company login" }).click();
    await page.waitForURL(`${issuer}/**`);
    await page.locator("input[name=sub]").fill("subject-1");
    await page.locator("button[type=submit]").first().click();
    await expect(page.getByRole("heading", { name: "Audit log", level: 1, exact: true })).toBeVisible();
    await expect(page).toHaveURL(`${alma.url}/settings/audit?action=session.`);
    await page.goto(`${alma.url}/settings/account`);
    await expect(page.getByText("default: approver")).toBeVisible();
    await expect(page.getByRole("region", { name: "Password" })).toBeHidden();
  } finally {
    running.stdin?.end();
    await alma.end();
  }
});
