"use strict";

const field = (id) => document.getElementById(id);

async function ask(event) {
  event.preventDefault();
  const answer = field("answer");
  try {
    const headers = { "Content-Type": "application/json" };
    if (field("key").value) headers["X-API-Key"] = field("key").value;
    const body = { query: field("query").value, variables: JSON.parse(field("variables").value || "{}") };
    const response = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify(body) });
    answer.textContent = JSON.stringify(await response.json(), null, 2);
  } catch (error) {
    answer.textContent = String(error);
  }
}

field("ask").addEventListener("submit", ask);
