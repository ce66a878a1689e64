/** Which way imports may point: app → features → components → lib. Features don't know each other. */
module.exports = {
    forbidden: [
        {
            name: "features-apart",
            severity: "error",
            comment: "What two features need is a component, or belongs to lib.",
            from: { path: "^src/features/([^/]+)/" },
            to: { path: "^src/features/([^/]+)/", pathNot: "^src/features/$1/" },
        },
        {
            name: "components-below-features",
            severity: "error",
            from: { path: "^src/components/" },
            to: { path: "^src/(features|app)/" },
        },
        {
            name: "lib-at-the-bottom",
            severity: "error",
            from: { path: "^src/lib/" },
            to: { path: "^src/(features|components|app)/" },
        },
        {
            name: "features-below-app",
            severity: "error",
            from: { path: "^src/features/" },
            to: { path: "^src/app/" },
        },
        { name: "no-circles", severity: "error", from: {}, to: { circular: true } },
    ],
    options: {
        doNotFollow: { path: "node_modules" },
        tsConfig: { fileName: "tsconfig.json" },
        tsPreCompilationDeps: true,
    },
};
