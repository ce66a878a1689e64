import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./app/app.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no place to be drawn in");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
