import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./app/app.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no place to be drawn in");
// Without its styles (public/start.js says so), it would be no page to look at.
if (!("missing" in root.dataset)) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
